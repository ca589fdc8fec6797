namespace TKA.Operator.Options;

/// <summary>The expiry ledger. Configuration section <c>operator:ledger</c>.</summary>
public sealed class LedgerOptions
{
    /// <summary>Name of the section.</summary>
    public const string Section = "operator:ledger";

    /// <summary>Whether there is a ledger at all. Default: when <c>DAPR_GRPC_ENDPOINT</c> or <c>DAPR_GRPC_PORT</c> is set.</summary>
    public bool? Enabled { get; set; }

    /// <summary>Days a session stays in the history after its end. Default 90.</summary>
    public int RetentionDays { get; set; } = 90;
}
