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
internal readonly record struct SessionWindow(DateTimeOffset Start, DateTimeOffset End, string? Problem)
{
    /// <summary>How far the clock of whoever wrote the sign-in may be ahead of ours.</summary>
    internal static readonly TimeSpan AllowedSkew = TimeSpan.FromSeconds(60);

    public bool IsOver(DateTimeOffset now) => now >= End;

    public static SessionWindow Of(TkaSignin signin, TimeSpan maxPeriod, DateTimeOffset now)
    {
        var start = StartOf(signin, now);
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
            ? new SessionWindow(start, start + period, null)
            : new SessionWindow(start, start + TkaSigninResource.MinimumPeriod, problem);
    }

    /// <summary>A sign-in in the future would move the end out without bound, so it is not believed: what was honoured before counts.</summary>
    private static DateTimeOffset StartOf(TkaSignin signin, DateTimeOffset now)
    {
        var latest = now + AllowedSkew;
        if (signin.LastAttemptedSignIn() is { } asked && asked <= latest)
        {
            return asked;
        }

        if (UtcTimeConverter.TryParse(signin.Status?.SignedIn, out var honoured) && honoured <= latest)
        {
            return honoured;
        }

        return signin.Metadata.CreationTimestamp is { } created ? new DateTimeOffset(created.ToUniversalTime()) : now;
    }
}
