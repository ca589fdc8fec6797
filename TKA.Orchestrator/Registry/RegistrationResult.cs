namespace TKA.Orchestrator.Registry;

/// <summary>How a registration went.</summary>
/// <param name="Outcome">The outcome.</param>
/// <param name="Record">What is stored, or what stands in the way.</param>
internal sealed record RegistrationResult(RegistrationOutcome Outcome, ClusterRecord Record);

internal enum RegistrationOutcome
{
    /// <summary>New.</summary>
    Created,

    /// <summary>The lease was renewed.</summary>
    Renewed,

    /// <summary>Another node holds the name.</summary>
    NameTaken,

    /// <summary>The node holds as many names as it may.</summary>
    TooMany,
}

internal enum RemovalOutcome
{
    /// <summary>Gone.</summary>
    Removed,

    /// <summary>There was none.</summary>
    NotFound,

    /// <summary>Another node holds it.</summary>
    NotOwner,
}

/// <summary>Values of <c>status</c>.</summary>
internal static class ClusterStatus
{
    public const string Ready = "ready";
    public const string Stale = "stale";
}

/// <summary>Values of <c>source</c>.</summary>
internal static class ClusterSource
{
    public const string Registered = "registered";
    public const string Tailnet = "tailnet";
}
