namespace TKA.ServiceDefaults.Management;

/// <summary>
/// Marks a connection accepted by the management listener. A mark on the connection, and not a test of port or Host header,
/// because the one can be the same on another address and the other is the caller's to choose.
/// </summary>
internal interface IManagementConnectionFeature;

/// <inheritdoc/>
internal sealed class ManagementConnectionFeature : IManagementConnectionFeature
{
    internal static readonly ManagementConnectionFeature Instance = new();
}
