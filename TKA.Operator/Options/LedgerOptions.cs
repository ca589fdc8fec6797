namespace TKA.Operator.Options;

/// <summary>The expiry ledger. Configuration section <c>operator:ledger</c>; the state store is <c>dapr:stateStore</c>.</summary>
public sealed class LedgerOptions
{
    /// <summary>Name of the section.</summary>
    public const string Section = "operator:ledger";

    /// <summary>Whether there is a ledger at all. Default: when <c>DAPR_GRPC_ENDPOINT</c> or <c>DAPR_GRPC_PORT</c> is set.</summary>
    public bool? Enabled { get; set; }

    /// <summary>Name of the Dapr state store. Default <c>statestore</c>.</summary>
    public string StateStore { get; set; } = "statestore";

    /// <summary>Days a session stays in the history after its end. Default 90.</summary>
    public int RetentionDays { get; set; } = 90;

    /// <summary>Deadline of one call to Dapr. Default 5 s.</summary>
    public TimeSpan CallTimeout { get; set; } = TimeSpan.FromSeconds(5);
}
