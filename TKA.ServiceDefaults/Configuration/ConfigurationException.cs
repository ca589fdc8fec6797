namespace TKA.ServiceDefaults.Configuration;

/// <summary>The configuration cannot be used. The message has one line for each mistake: key, value, what to write.</summary>
public sealed class ConfigurationException(string message, Exception? inner = null) : Exception(message, inner);
