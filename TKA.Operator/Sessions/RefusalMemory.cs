using System.Collections.Concurrent;
using TKA.Kubernetes.Sessions;

namespace TKA.Operator.Sessions;

/// <summary>
/// When a session that the cluster refused is tried again: after a second, then ever less often, up to <see cref="LongestInterval"/>.
/// Until then no pass repeats the refused requests, whatever woke it; otherwise the objects that a refused pass made and removed would
/// wake the next one.
/// </summary>
internal sealed class RefusalMemory(TimeProvider time)
{
    private static readonly TimeSpan FirstInterval = TimeSpan.FromSeconds(1);

    private readonly ConcurrentDictionary<string, Refusal> _refusals = [];

    /// <summary>Longest time between two tries.</summary>
    public static TimeSpan LongestInterval { get; } = TimeSpan.FromMinutes(2);

    /// <summary>The refusal that stands, and for how long; <see langword="null"/>: the session may be tried.</summary>
    public (Exception Refusal, TimeSpan Remaining)? Standing(TkaSignin signin)
    {
        var now = time.GetUtcNow();
        return _refusals.TryGetValue(signin.Metadata.Name, out var refusal) && refusal.IsOf(signin) && now < refusal.Until
            ? (refusal.Because, refusal.Until - now)
            : null;
    }

    /// <summary>Notes that a session was refused. One that stands already is not noted again.</summary>
    /// <returns>After which time to try again.</returns>
    public TimeSpan Add(TkaSignin signin, Exception because)
    {
        var now = time.GetUtcNow();
        var refusal = _refusals.AddOrUpdate(
            signin.Metadata.Name,
            _ => Refusal.Of(signin, because, 0, now),
            (_, earlier) => !earlier.IsOf(signin) ? Refusal.Of(signin, because, 0, now)
                : ReferenceEquals(earlier.Because, because) ? earlier
                : Refusal.Of(signin, because, earlier.Tries + 1, now));
        return refusal.Until > now ? refusal.Until - now : TimeSpan.Zero;
    }

    /// <summary>Whether a session was refused more than once since its sign-in.</summary>
    public bool IsRepeated(TkaSignin signin) => _refusals.TryGetValue(signin.Metadata.Name, out var refusal) && refusal.IsOf(signin) && refusal.Tries > 0;

    /// <summary>Forgets a session's refusal: it may be tried at once.</summary>
    public void Forget(string session) => _refusals.TryRemove(session, out _);

    /// <summary>A refusal of one sign-in; signing in again, or asking for something else, is judged anew.</summary>
    private sealed record Refusal(string Uid, long? Generation, DateTimeOffset? SignedIn, Exception Because, int Tries, DateTimeOffset Until)
    {
        public static Refusal Of(TkaSignin signin, Exception because, int tries, DateTimeOffset now)
        {
            var interval = FirstInterval * Math.Pow(2, Math.Min(tries, 16));
            return new Refusal(
                signin.Metadata.Uid, signin.Metadata.Generation, signin.LastAttemptedSignIn(), because, tries, now + (interval < LongestInterval ? interval : LongestInterval));
        }

        public bool IsOf(TkaSignin signin) =>
            signin.Metadata.Uid == Uid && signin.Metadata.Generation == Generation && signin.LastAttemptedSignIn() == SignedIn;
    }
}
