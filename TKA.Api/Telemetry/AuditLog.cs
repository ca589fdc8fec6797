using System.Diagnostics;
using System.Globalization;
using TKA.Api.Problems;
using TKA.Tailscale.Authentication;

namespace TKA.Api.Telemetry;

/// <summary>
/// One structured record per decision: who, from which device, under which rule, with what outcome, in which trace.
/// The cluster's own audit log knows only the ServiceAccount; these records join it to the person. No secret is ever among them.
/// </summary>
/// <remarks>Category <c>TKA.Audit</c>, so that the records can be routed apart. Never filtered below Information by TKA.</remarks>
internal sealed partial class AuditLog(ILoggerFactory factory)
{
    public const string Category = "TKA.Audit";

    private const string Unknown = "unknown";

    /// <summary>What a decision does not have: never an empty word, so that the columns of a text log keep their places.</summary>
    private const string None = "-";

    private readonly ILogger _logger = factory.CreateLogger(Category);

    /// <summary>Records a decision.</summary>
    public void Record(AuditRecord record) => Decision(
        _logger,
        record.Action,
        record.Outcome,
        record.Username,
        record.Node ?? None,
        record.NodeId ?? None,
        record.Session ?? None,
        record.Role ?? None,
        record.Namespaces is { Count: > 0 } namespaces ? string.Join(',', namespaces) : "*",
        record.Until?.UtcDateTime.ToString("O", CultureInfo.InvariantCulture) ?? None,
        record.Reason ?? None,
        record.CredentialId ?? None,
        Activity.Current?.TraceId.ToString() ?? None);

    /// <summary>Records that a caller was refused before any use case ran.</summary>
    /// <param name="peer">The caller; <see langword="null"/> when unknown.</param>
    /// <param name="refusal">Why.</param>
    public void Record(TailscalePeer? peer, TailscaleRefusal refusal) =>
        Record(new AuditRecord(AuditActions.Access, AuditOutcomes.Refused, peer?.Principal ?? Unknown)
        {
            Node = peer?.NodeName,
            NodeId = peer?.NodeStableId,
            Reason = ApiProblems.Refused(refusal).Kind,
        });

    [LoggerMessage(100, LogLevel.Information,
        "{Action} {Outcome}: {Username} on {Node} ({NodeId}), session {Session}, role {Role} in {Namespaces}, until {Until}, reason {Reason}, credential {CredentialId}, trace {TraceId}")]
    private static partial void Decision(
        ILogger logger,
        string action,
        string outcome,
        string username,
        string node,
        string nodeId,
        string session,
        string role,
        string namespaces,
        string until,
        string reason,
        string credentialId,
        string traceId);
}

/// <summary>A decision to record.</summary>
/// <param name="Action">One of <see cref="AuditActions"/>.</param>
/// <param name="Outcome">One of <see cref="AuditOutcomes"/>.</param>
/// <param name="Username">Full login name of the person it is about.</param>
internal sealed record AuditRecord(string Action, string Outcome, string Username)
{
    /// <summary>Device.</summary>
    public string? Node { get; init; }

    /// <summary>Its stable id.</summary>
    public string? NodeId { get; init; }

    /// <summary>Name of the session.</summary>
    public string? Session { get; init; }

    /// <summary>Role granted.</summary>
    public string? Role { get; init; }

    /// <summary>Namespaces of the role; empty: cluster-wide.</summary>
    public IReadOnlyList<string>? Namespaces { get; init; }

    /// <summary>End of the session.</summary>
    public DateTimeOffset? Until { get; init; }

    /// <summary>Why: the kind of problem, or the admin who decided.</summary>
    public string? Reason { get; init; }

    /// <summary>The token's <c>jti</c>, as in the cluster's audit log (<c>authentication.kubernetes.io/credential-id</c>).</summary>
    public string? CredentialId { get; init; }
}

/// <summary>What was decided upon.</summary>
internal static class AuditActions
{
    public const string Login = "login";
    public const string Logout = "logout";
    public const string Token = "token";
    public const string EndSession = "end-session";
    public const string Recheck = "recheck";
    public const string Access = "access";
}

/// <summary>How it was decided.</summary>
internal static class AuditOutcomes
{
    /// <summary>Asked of the cluster, as the grant allows; the operator's answer follows as another record.</summary>
    public const string Requested = "requested";
    public const string Granted = "granted";
    public const string Refused = "refused";
    public const string Failed = "failed";
    public const string Ended = "ended";
    public const string Shrunk = "shrunk";
}
