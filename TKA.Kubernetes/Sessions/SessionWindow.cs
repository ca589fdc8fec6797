using TKA.Contracts;
using TKA.Contracts.Sessions;

namespace TKA.Kubernetes.Sessions;

/// <summary>
/// From when until when a session lives: the only formula, for API and operator. Computed from the object each time it is needed; no
/// earlier computation counts.
/// </summary>
/// <param name="Start">When the person signed in last.</param>
/// <param name="End">When the session is over. A refused session ends at most <see cref="KeepRefused"/> after the refusal.</param>
/// <param name="Period">What the spec asks for; the shortest period if that cannot be read or is too short.</param>
/// <param name="Problem">Why the period is no period of a session; <see langword="null"/>: it is one.</param>
/// <param name="SignInTimeInFuture">The sign-in time that was too far in the future to count from; <see langword="null"/>: it was not.</param>
public readonly record struct SessionWindow(DateTimeOffset Start, DateTimeOffset End, TimeSpan Period, string? Problem, string? SignInTimeInFuture)
{
    /// <summary>
    /// How far the clock of the writer of the sign-in time may be ahead of ours. With what <see cref="Client.ClusterTime"/> leaves
    /// uncorrected it stays under the 60 s by which no session may outlive its validity.
    /// </summary>
    public static readonly TimeSpan AllowedSkew = TimeSpan.FromSeconds(45);

    /// <summary>How long a refused session stays, so that the person can see why.</summary>
    public static readonly TimeSpan KeepRefused = TimeSpan.FromHours(1);

    /// <summary>The window without regard to a refusal, for a session that is no longer refused.</summary>
    public SessionWindow Granted => this with { End = Start + Period };

    /// <summary>Whether the session is over at a moment.</summary>
    public bool IsOver(DateTimeOffset now) => now >= End;

    /// <summary>The window of a session that is refused at this moment.</summary>
    public SessionWindow Refused(DateTimeOffset now)
    {
        // As the condition's lastTransitionTime will say it: in whole seconds.
        var since = new DateTimeOffset(now.UtcTicks - (now.UtcTicks % TimeSpan.TicksPerSecond), TimeSpan.Zero);
        return this with { End = Earlier(End, Later(Start, since) + KeepRefused) };
    }

    /// <summary>The window of a session.</summary>
    /// <param name="signin">The session.</param>
    /// <param name="now">The cluster's time.</param>
    public static SessionWindow Of(TkaSignin signin, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(signin);
        var (start, future) = StartOf(signin, now);
        var text = signin.Spec.ValidityPeriod;
        string? problem = null;
        if (!GoDuration.TryParse(text, out var period))
        {
            problem = $"validity_period '{text}' is not a duration; write it like 30m or 8h.";
        }
        else if (period < TkaSigninResource.MinimumPeriod)
        {
            problem = $"validity_period '{text}' is under 10m, the shortest session.";
        }

        if (problem is not null)
        {
            period = TkaSigninResource.MinimumPeriod;
        }

        var end = start + period;
        return new SessionWindow(start, RefusedAt(signin) is { } at ? Earlier(end, Later(start, at) + KeepRefused) : end, period, problem, future);
    }

    /// <summary>
    /// A sign-in in the future would make the session longer than what was granted. It counts from when it was first seen
    /// instead, which the status keeps together with the time in the future: also when that time has come.
    /// </summary>
    private static (DateTimeOffset Start, string? SignInTimeInFuture) StartOf(TkaSignin signin, DateTimeOffset now)
    {
        var latest = now + AllowedSkew;
        var counted = UtcTimeConverter.TryParse(signin.Status?.SignedIn, out var signedIn) && signedIn <= latest ? signedIn : (DateTimeOffset?)null;
        if (signin.LastAttemptedSignIn() is { } asked)
        {
            var text = signin.Metadata.Annotations[TkaAnnotations.LastAttemptedSignIn];
            return signin.SignInTimeInFuture() == text ? (counted ?? now, text)
                : asked <= latest ? (asked, null)
                : (now, text);
        }

        var created = signin.Metadata.CreationTimestamp is { } at ? new DateTimeOffset(at.ToUniversalTime()) : now;
        return (counted ?? (created <= latest ? created : now), null);
    }

    private static DateTimeOffset? RefusedAt(TkaSignin signin) =>
        signin.IsRejected() && UtcTimeConverter.TryParse(signin.ReadyCondition()?.LastTransitionTime, out var at) ? at : null;

    private static DateTimeOffset Earlier(DateTimeOffset one, DateTimeOffset other) => one < other ? one : other;

    private static DateTimeOffset Later(DateTimeOffset one, DateTimeOffset other) => one > other ? one : other;
}
