namespace TKA.Tests.Operator.Infrastructure;

/// <summary>A request seen by a <see cref="FaultProxy"/>.</summary>
internal sealed record ProxiedRequest(int Number, string Method, string Path, string Query, byte[] Body)
{
    public string? TraceParent { get; init; }

    /// <summary>When, by the test's clock.</summary>
    public DateTimeOffset Arrived { get; init; }

    public bool IsWatch => Query.Contains("watch=true", StringComparison.Ordinal);

    public bool IsList => Method == "GET" && !IsWatch && Path.Split('/')[^1] is "tkasignins" or "serviceaccounts" or "rolebindings" or "clusterrolebindings";

    /// <summary>Asked as a dry run: the operator's proof that its admission policies bind it.</summary>
    public bool IsDryRun => Query.Contains("dryRun=All", StringComparison.Ordinal);

    /// <summary>About the leaving policy, which an operator creates when it first leads.</summary>
    public bool IsLeavingPolicy => Path.Contains("/validatingadmissionpolic", StringComparison.Ordinal) || Path.Contains("/tka-guard/", StringComparison.Ordinal);

    public bool IsWrite => Method != "GET" && !IsDryRun;

    public bool IsEvent => Path.EndsWith("/events", StringComparison.Ordinal) || Path.Contains("/events/", StringComparison.Ordinal);

    public bool IsLease => Path.Contains("/leases", StringComparison.Ordinal);

    public override string ToString() => $"{Number} {Method} {Path}{Query}";
}
