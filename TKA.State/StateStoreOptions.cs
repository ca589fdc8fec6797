namespace TKA.State;

/// <summary>
/// Section <c>dapr</c>. Where the sidecar is comes from <c>DAPR_GRPC_ENDPOINT</c> or <c>DAPR_GRPC_PORT</c>, its token from
/// <c>DAPR_API_TOKEN</c>.
/// </summary>
public sealed class StateStoreOptions
{
    /// <summary>Name of the configuration section.</summary>
    public const string Section = "dapr";

    /// <summary>Name of the state store component.</summary>
    public string StateStore { get; set; } = "statestore";

    /// <summary>Longest wait for one answer. Real time, also under a fake clock: it guards I/O.</summary>
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(1.5);
}
