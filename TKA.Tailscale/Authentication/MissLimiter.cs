using System.Net;
using Microsoft.Extensions.Options;

namespace TKA.Tailscale.Authentication;

/// <summary>
/// Bounds how many unknown connections tailscaled is asked about: each miss holds its main lock for 180 ms, so a
/// stranger could stall the node. One bucket per source address; connections already known are not affected.
/// </summary>
internal sealed class MissLimiter(TimeProvider time, IOptions<TailscaleOptions> options)
{
    private const int MostAddresses = 4096;
    private readonly Lock _gate = new();
    private readonly Dictionary<IPAddress, Bucket> _buckets = [];
    private readonly int _burst = options.Value.WhoIsMissBurst;

    private double RefillPerSecond => Math.Max(1, _burst / 10.0);

    public bool IsExhausted(IPAddress address)
    {
        lock (_gate)
        {
            return _buckets.TryGetValue(address, out var bucket) && Level(bucket) < 1;
        }
    }

    public void Count(IPAddress address)
    {
        lock (_gate)
        {
            var level = _buckets.TryGetValue(address, out var bucket) ? Level(bucket) : _burst;
            if (_buckets.Count >= MostAddresses && bucket == default)
            {
                DropFull();
            }

            // Many may be on their way at once when the bucket runs dry: debt makes the address wait for them all.
            _buckets[address] = new Bucket(Math.Max(level - 1, -_burst), time.GetTimestamp());
        }
    }

    private double Level(Bucket bucket) =>
        Math.Min(_burst, bucket.Level + (time.GetElapsedTime(bucket.At).TotalSeconds * RefillPerSecond));

    private void DropFull()
    {
        foreach (var (address, bucket) in _buckets)
        {
            if (Level(bucket) >= _burst)
            {
                _buckets.Remove(address);
            }
        }
    }

    private readonly record struct Bucket(double Level, long At);
}
