using System.Net;
using Microsoft.Extensions.Options;

namespace TKA.Tailscale.Authentication;

/// <summary>
/// Bounds how many unknown connections tailscaled is asked about: each miss holds its main lock for 180 ms, so an unknown
/// peer could stall the node. A permit is taken before the question and returned unless the answer was a miss, so a burst cannot
/// exceed the limit. Known peers are never refused: at most they wait for the questions under way.
/// </summary>
internal sealed class MissLimiter(TimeProvider time, IOptions<TailscaleOptions> options)
{
    private const int MostSources = 4096;
    private readonly Lock _gate = new();
    private readonly Dictionary<MissSource, Bucket> _buckets = [];
    private readonly int _burst = options.Value.WhoIsMissBurst;

    private double RefillPerSecond => Math.Max(1, _burst / 10.0);

    /// <summary>Requests a permit for one question. After <see cref="MissPermit.Granted"/> the answer must be told with <see cref="Leave"/>.</summary>
    public Task<MissPermit> EnterAsync(MissSource source)
    {
        lock (_gate)
        {
            if (!_buckets.TryGetValue(source, out var bucket))
            {
                if (_buckets.Count >= MostSources)
                {
                    DropFull();
                }

                _buckets.Add(source, bucket = new Bucket { Level = _burst, At = time.GetTimestamp() });
            }

            Refill(bucket);
            if (bucket.HasRoom)
            {
                bucket.UnderWay++;
                return Task.FromResult(MissPermit.Granted);
            }

            if (bucket.UnderWay == 0)
            {
                return Task.FromResult(MissPermit.Exhausted);
            }

            var turn = new TaskCompletionSource<MissPermit>(TaskCreationOptions.RunContinuationsAsynchronously);
            bucket.Waiting.Enqueue(turn);
            return turn.Task;
        }
    }

    /// <summary>Tells how the question ended.</summary>
    public void Leave(MissSource source, MissOutcome outcome)
    {
        lock (_gate)
        {
            var bucket = _buckets[source];
            Refill(bucket);
            bucket.UnderWay--;
            if (outcome == MissOutcome.Unknown)
            {
                bucket.Level--;
            }

            if (outcome == MissOutcome.NoAnswer)
            {
                // Whoever waits would wait as long as this one did, for the same.
                Release(bucket, MissPermit.NoAnswer);
                return;
            }

            while (bucket.HasRoom && bucket.Waiting.TryDequeue(out var next))
            {
                bucket.UnderWay++;
                next.SetResult(MissPermit.Granted);
            }

            if (bucket.UnderWay == 0)
            {
                Release(bucket, MissPermit.Exhausted);
            }
        }
    }

    private static void Release(Bucket bucket, MissPermit permit)
    {
        while (bucket.Waiting.TryDequeue(out var waiting))
        {
            waiting.SetResult(permit);
        }
    }

    private void Refill(Bucket bucket)
    {
        var now = time.GetTimestamp();
        bucket.Level = Math.Min(_burst, bucket.Level + (time.GetElapsedTime(bucket.At, now).TotalSeconds * RefillPerSecond));
        bucket.At = now;
    }

    private void DropFull()
    {
        foreach (var (source, bucket) in _buckets)
        {
            Refill(bucket);
            if (bucket.Level >= _burst && bucket.UnderWay == 0)
            {
                _buckets.Remove(source);
            }
        }
    }

    private sealed class Bucket
    {
        public double Level { get; set; }

        public long At { get; set; }

        public int UnderWay { get; set; }

        public Queue<TaskCompletionSource<MissPermit>> Waiting { get; } = [];

        public bool HasRoom => Level - UnderWay >= 1;
    }
}

/// <summary>Where a connection comes from, as far as the limit tells them apart.</summary>
/// <param name="Address">Its remote address.</param>
/// <param name="FromTailscaled">Whether it is known to be made by tailscaled itself, on this machine.</param>
internal readonly record struct MissSource(IPAddress Address, bool FromTailscaled = false);

/// <summary>Whether tailscaled may be asked.</summary>
internal enum MissPermit
{
    /// <summary>It may.</summary>
    Granted,

    /// <summary>Too many unknown connections came from there.</summary>
    Exhausted,

    /// <summary>It does not answer others.</summary>
    NoAnswer,
}

/// <summary>How a question ended.</summary>
internal enum MissOutcome
{
    /// <summary>tailscaled knows the connection.</summary>
    Known,

    /// <summary>It does not.</summary>
    Unknown,

    /// <summary>It did not answer.</summary>
    NoAnswer,
}
