using TKA.Contracts.Rest;
using TKA.Web.Layout;

namespace TKA.Web.Access;

/// <summary>What a person sees of their access to one cluster.</summary>
public sealed record AccessPageModel
{
    /// <summary>The caller.</summary>
    public required PersonModel Person { get; init; }

    /// <summary>Name of the cluster.</summary>
    public required string Cluster { get; init; }

    /// <summary>URL of this server as the browser reached it: the one to give to <c>tka --server</c>.</summary>
    public required string Server { get; init; }

    /// <summary>The server's time.</summary>
    public required DateTimeOffset Now { get; init; }

    /// <summary>The caller's rules, the winner first.</summary>
    public required IReadOnlyList<AccessRule> Rules { get; init; }

    /// <summary>The caller's sessions, the base session first.</summary>
    public required IReadOnlyList<SessionResponse> Sessions { get; init; }

    /// <summary>Why no rule wins; <see langword="null"/> when one does.</summary>
    public Problem? Problem { get; init; }

    /// <summary>What the caller has just done here, as a sentence.</summary>
    public string? Notice { get; init; }

    /// <summary>Everybody's sessions; <see langword="null"/> for callers who are no admins.</summary>
    public EveryoneModel? Everyone { get; init; }

    /// <summary>Sessions of the past, with person, role and time; <see langword="null"/> unless the caller is an admin of TKA.</summary>
    public HistoryModel? History { get; init; }

    internal bool Waits => Sessions.Any(session => session.Status == SessionStatus.Pending);

    /// <summary>Seconds between two looks. A part of the history that somebody has chosen stays as it is.</summary>
    internal int? Refresh => Waits ? 2 : History is { IsChosen: true } ? null : 30;

    internal SessionResponse? SessionOf(AccessRule rule) => Sessions.FirstOrDefault(session => session.Role == rule.Role);

    /// <summary>Of several rules for one role the highest priority counts, so only that one can be signed in with.</summary>
    internal bool Counts(AccessRule rule) => rule.Wins || Rules.Where(other => other.Role == rule.Role).MaxBy(other => other.Priority) == rule;

    internal string Announcement => Sessions.Count == 0
        ? "You are not signed in."
        : string.Join(" ", Sessions.Select(session => $"{session.Role}: {SessionText.State(session)}."));
}

/// <summary>A page of everybody's sessions.</summary>
public sealed record EveryoneModel
{
    /// <summary>The sessions.</summary>
    public required SessionList List { get; init; }

    /// <summary>Login name asked for; empty: everybody.</summary>
    public required string User { get; init; }

    /// <summary>Role asked for; empty: every role.</summary>
    public required string Role { get; init; }

    /// <summary>Whether this is a page after the first.</summary>
    public required bool IsContinued { get; init; }
}
