using TKA.Contracts;
using TKA.Contracts.Rest;
using TKA.Tailscale.Authentication;

namespace TKA.Api.Problems;

/// <summary>Every problem the API answers with, beside those about who is calling.</summary>
internal static class ApiProblems
{
    /// <summary>When to come back after something TKA depends on failed.</summary>
    public static readonly TimeSpan RetryUnavailable = TimeSpan.FromSeconds(2);

    private const string AskAdministrator = "Ask the administrator of your tailnet policy; \"tka access\" shows the rules you have.";

    public static ApiProblem NotSignedIn(string username, string? role = null) => new(
        StatusCodes.Status401Unauthorized, "not-signed-in", "Not signed in", $"{username} is not signed in to this cluster{With(role)}.")
    {
        Advice = [role is null ? "Sign in with \"tka login\"." : $"Sign in with \"tka login --role {Printable(role)}\"."],
    };

    public static ApiProblem NothingToSignOut(string username, string? role = null) => new(
        StatusCodes.Status404NotFound, "not-signed-in", "Not signed in", $"{username} is not signed in to this cluster{With(role)}, so there is nothing to sign out of.")
    {
        Advice = [role is null ? "Nothing needs to be done: no session of yours is alive here." : "Nothing needs to be done. \"tka status\" shows the sessions you have."],
    };

    public static ApiProblem TooManySessions(IReadOnlyList<string> roles) => new(
        StatusCodes.Status409Conflict, "too-many-sessions", "Too many sessions", $"You have {roles.Count} sessions here, the most one person can have at a time.")
    {
        Advice = [$"End one that you no longer need, for example \"tka logout --role {Printable(roles[^1])}\".", $"You are signed in with {string.Join(", ", roles.Select(Printable))}."],
    };

    public static ApiProblem DeviceNotGranted(string role, string? startedFrom) => new(
        StatusCodes.Status403Forbidden,
        "device-not-granted",
        "Device not granted the role",
        $"The tailnet policy does not grant this device all of your session with role '{Printable(role)}', which was started from {(string.IsNullOrEmpty(startedFrom) ? "another device" : Printable(startedFrom))}.")
    {
        Advice = ["Use the session from that device; it lives on.", "Or sign in here for what this device is granted: \"tka login\".", AskAdministrator],
    };

    /// <summary>A refusal about who is calling, in the words of TKA.Tailscale.</summary>
    public static ApiProblem Refused(TailscaleRefusal refusal)
    {
        var document = refusal.ToProblem();
        return new ApiProblem(refusal.Status, document.Type![Problem.TypePrefix.Length..], refusal.Title, refusal.Detail)
        {
            Advice = refusal.Advice,
            RetryAfter = refusal.RetryAfter,
        };
    }

    public static ApiProblem GrantGone(string role) => new(
        StatusCodes.Status403Forbidden, "grant-gone", "Grant withdrawn", $"The tailnet policy no longer grants you the role '{Printable(role)}' of your session.")
    {
        Advice = ["Sign in again for what you are granted now: \"tka login\".", AskAdministrator],
    };

    public static ApiProblem RuleUnusable(string what) => new(
        StatusCodes.Status422UnprocessableEntity, "unusable-rule", "Rule cannot be used", what)
    {
        Advice = [AskAdministrator],
    };

    public static ApiProblem PeriodUnreadable(string period) => new(
        StatusCodes.Status422UnprocessableEntity, "invalid-period", "Invalid period", $"'{Printable(period)}' is not a duration.")
    {
        Advice = ["Write it like 30m, 8h or 1h30m."],
    };

    public static ApiProblem PeriodTooShort(TimeSpan period, TimeSpan minimum) => new(
        StatusCodes.Status422UnprocessableEntity, "invalid-period", "Period too short", $"A period of {GoDuration.Format(period)} is under the minimum of {GoDuration.Format(minimum)}.")
    {
        Advice = [$"Ask for {GoDuration.Format(minimum)} or more; Kubernetes issues no shorter token.", AskAdministrator],
    };

    public static ApiProblem PeriodOverLimit(TimeSpan period, TimeSpan limit) => new(
        StatusCodes.Status422UnprocessableEntity, "invalid-period", "Period too long", $"A period of {GoDuration.Format(period)} is over this server's limit of {GoDuration.Format(limit)}.")
    {
        Advice = [$"Ask for {GoDuration.Format(limit)} or less, or have the grant's \"period\" lowered.", "The limit is the server's setting api.maxPeriod."],
    };

    public static ApiProblem PeriodOverGrant(TimeSpan period, TimeSpan granted) => new(
        StatusCodes.Status422UnprocessableEntity, "invalid-period", "Period over the grant", $"A period of {GoDuration.Format(period)} is more than the {GoDuration.Format(granted)} you are granted.")
    {
        Advice = [$"Ask for {GoDuration.Format(granted)} or less.", AskAdministrator],
    };

    public static ApiProblem SessionRejected(string reason, string? message) => new(
        StatusCodes.Status403Forbidden, "session-rejected", "Session rejected", message is { Length: > 0 } ? message : $"The cluster refused this session: {reason}.")
    {
        Advice = ["Waiting does not help; sign in again once this is put right.", "Ask the administrator of the cluster."],
        Cause = new ApiProblem(StatusCodes.Status403Forbidden, "session-rejected", reason, reason),
    };

    public static ApiProblem NameCollision(string username) => new(
        StatusCodes.Status409Conflict, "name-taken", "Session name taken", $"The session name of {username} is held by another person's session.")
    {
        Advice = ["Tell the administrator of TKA: two login names have the same short hash. No access was given."],
    };

    public static ApiProblem SessionEnding => new(
        StatusCodes.Status503ServiceUnavailable, "session-ending", "Previous session still ending", "Your previous session is still being taken down; a new one starts only when its rights are gone.")
    {
        RetryAfter = RetryUnavailable,
        Advice = ["Try again in a moment.", "If it stays so, the operator of TKA is not running: tell the administrator of the cluster."],
    };

    public static ApiProblem SessionContended => new(
        StatusCodes.Status503ServiceUnavailable, "session-contended", "Session is being changed", "Your session is being changed by several requests at once.")
    {
        RetryAfter = TimeSpan.FromSeconds(1),
        Advice = ["Try again in a moment."],
    };

    public static ApiProblem NoSuchSession(string name) => new(
        StatusCodes.Status404NotFound, "no-such-session", "No such session", $"There is no session '{Printable(name)}'.")
    {
        Advice = ["List the sessions with \"tka sessions\"."],
    };

    public static ApiProblem Unavailable(Dependency dependency) => new(
        StatusCodes.Status503ServiceUnavailable, "unavailable", $"{dependency.Name} unavailable", $"{dependency.Name} cannot be reached at the moment.")
    {
        RetryAfter = RetryUnavailable,
        Advice = ["Try again in a moment.", dependency.Advice],
    };

    /// <summary>The operator answers, but with an error of its own, as when the cluster refuses what it asks.</summary>
    public static readonly ApiProblem OperatorFails = new(
        StatusCodes.Status503ServiceUnavailable, "unavailable", "The TKA operator issues no tokens", "The TKA operator runs, but cannot issue a token at the moment.")
    {
        RetryAfter = RetryUnavailable,
        Advice = ["Try again in a moment.", "If it stays so, tell the administrator of the cluster: the operator's log and /readyz?verbose say why."],
    };

    public static ApiProblem Misconfigured(Dependency dependency, string what) => new(
        StatusCodes.Status503ServiceUnavailable, "misconfigured", $"{dependency.Name} refuses this server", what)
    {
        RetryAfter = TimeSpan.FromSeconds(30),
        Advice = ["Tell the administrator of the cluster; the server's log says more."],
    };

    public static ApiProblem RateLimited(TimeSpan retryAfter) => new(
        StatusCodes.Status429TooManyRequests, "rate-limited", "Too many requests", "You sent more requests than this server allows one person.")
    {
        RetryAfter = retryAfter,
        Advice = ["Wait as long as Retry-After says.", "Use \"Prefer: wait=30\" in place of polling."],
    };

    /// <summary>The operator gives a session only so many tokens in a minute.</summary>
    public static ApiProblem TooManyTokens(TimeSpan retryAfter) => new(
        StatusCodes.Status429TooManyRequests, "rate-limited", "Too many tokens", "More tokens were asked for than the TKA operator issues in a minute.")
    {
        RetryAfter = retryAfter,
        Advice = ["Wait as long as Retry-After says.", "Use a token until it expires: kubectl with a context of \"tka login --merge\" does."],
    };

    private static string With(string? role) => role is null ? "" : $" with role '{Printable(role)}'";

    /// <summary>Text of a stranger, made fit to be shown: no control characters, at most 100 characters.</summary>
    public static string Printable(string text)
    {
        var plain = string.Concat(text.Where(c => !char.IsControl(c) && !char.IsSurrogate(c)));
        return plain.Length <= 100 ? plain : string.Concat(plain.AsSpan(0, 100), "…");
    }
}

/// <summary>Something the API needs and does not control.</summary>
/// <param name="Name">Name for people.</param>
/// <param name="Advice">What to do when it stays away.</param>
internal sealed record Dependency(string Name, string Advice)
{
    public static readonly Dependency Kubernetes = new("The Kubernetes API", "If it stays so, tell the administrator of the cluster: TKA cannot reach the Kubernetes API.");

    public static readonly Dependency Operator = new("The TKA operator", "If it stays so, tell the administrator of the cluster: the operator of TKA is not running.");

    public static readonly Dependency Tailscale = new("Tailscale", "If it stays so, tell the administrator of the cluster: TKA's tailscaled is not running.");
}
