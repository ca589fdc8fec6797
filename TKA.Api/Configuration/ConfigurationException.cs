namespace TKA.Api.Configuration;

/// <summary>The configuration cannot be used. The message names key, value and fix, and is all that a person needs to see.</summary>
internal sealed class ConfigurationException(string message, Exception? inner = null) : Exception(message, inner);
