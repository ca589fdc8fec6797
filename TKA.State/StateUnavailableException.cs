namespace TKA.State;

/// <summary>The state store cannot be used now. Ordinary: sidecars restart. The message holds the sidecar's own reason.</summary>
public sealed class StateUnavailableException(string message, Exception? inner = null) : Exception(message, inner);
