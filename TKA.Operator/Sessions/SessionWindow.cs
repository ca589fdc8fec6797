using TKA.Contracts;
using TKA.Contracts.Sessions;
using TKA.Kubernetes.Signins;

namespace TKA.Operator.Sessions;

/// <summary>
/// From when until when a session lives. Computed anew from the object at every pass; no earlier computation counts.
/// </summary>
/// <param name="Start">When the person signed in (last).</param>
/// <param name="End">When the session is over; also set for a refused one, which must not stay for ever.</param>
/// <param name="Problem">Why the period cannot be honoured; <see langword="null"/>: it can.</param>
/// <param name="Disbelieved">A sign-in time that was too far in the future to count from.</param>
internal readonly record struct SessionWindow(DateTimeOffset Start, DateTimeOffset End, string? Problem, string? Disbelieved)
{
    /// <summary>
    /// How far the clock of whoever wrote the sign-in may be ahead of ours. With what <see cref="Kubernetes.Client.ClusterTime"/> leaves
    /// uncorrected it stays under the 60 s by which no session may outlive its validity.
    /// </summary>
    internal static readonly TimeSpan AllowedSkew = TimeSpan.FromSeconds(45);

    public bool IsOver(DateTimeOffset now) => now >= End;

    public static SessionWindow Of(TkaSignin signin, TimeSpan maxPeriod, DateTimeOffset now)
    {
        var (start, disbelieved) = StartOf(signin, now);
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
        else if (period > maxPeriod)
        {
            problem = $"validity_period '{text}' is over the longest the operator allows ({GoDuration.Format(maxPeriod)}, operator:maxPeriod).";
        }

        return problem is null
            ? new SessionWindow(start, start + period, null, disbelieved)
            : new SessionWindow(start, start + TkaSigninResource.MinimumPeriod, problem, disbelieved);
    }

    /// <summary>
    /// A sign-in in the future would make the session longer than what was granted. It counts from when it was first seen
    /// instead, which the status remembers together with the time not believed: also when that time has come.
    /// </summary>
    private static (DateTimeOffset Start, string? Disbelieved) StartOf(TkaSignin signin, DateTimeOffset now)
    {
        var latest = now + AllowedSkew;
        var honoured = UtcTimeConverter.TryParse(signin.Status?.SignedIn, out var signedIn) && signedIn <= latest ? signedIn : (DateTimeOffset?)null;
        if (signin.LastAttemptedSignIn() is { } asked)
        {
            var text = signin.Metadata.Annotations[TkaAnnotations.LastAttemptedSignIn];
            return signin.DisbelievedSignIn() == text ? (honoured ?? now, text)
                : asked <= latest ? (asked, null)
                : (now, text);
        }

        var created = signin.Metadata.CreationTimestamp is { } at ? new DateTimeOffset(at.ToUniversalTime()) : now;
        return (honoured ?? (created <= latest ? created : now), null);
    }
}
