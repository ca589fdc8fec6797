using System.Globalization;
using StateConcurrency = Dapr.Client.Autogen.Grpc.v1.StateOptions.Types.StateConcurrency;

namespace TKA.DevEnvironment.Dapr;

/// <summary><c>state.redis</c>, as its Lua scripts decide (components-contrib <c>state/redis/redis.go</c>).</summary>
internal sealed class RedisRules : StoreRules
{
    public override bool RollsBack => false;

    public override bool BulkGetIsOneQuery => false;

    public override StateEntry? Apply(StateChange change, StateEntry? current, long sequence, DateTimeOffset now)
    {
        if (change.Value is null)
        {
            return change.Etag is null || current is null || current.Etag == change.Etag ? null : throw StateRefusedException.EtagMismatch();
        }

        // With last-write concurrency the component ignores the ETag.
        var etag = change.Concurrency is StateConcurrency.ConcurrencyLastWrite ? null : change.Etag;
        if (etag is not null && !int.TryParse(etag, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _))
        {
            throw StateRefusedException.EtagInvalid(etag);
        }

        if (current is not null && current.Etag != etag && (etag is not null || current.FirstWrite))
        {
            throw change.Etag is not null
                ? StateRefusedException.EtagMismatch()
                : StateRefusedException.Failed($"failed to set key {change.Key}: ERR failed to set key {change.Key}");
        }

        var version = current is null ? 1 : int.Parse(current.Etag, CultureInfo.InvariantCulture) + 1;
        return new StateEntry(
            change.Key,
            change.Value,
            version.ToString(CultureInfo.InvariantCulture),
            Expiry(change, current, now),
            change.Concurrency is StateConcurrency.ConcurrencyFirstWrite || current is { FirstWrite: true });
    }

    /// <summary>Redis keeps the expiry of a key that is written again, until EXPIRE or PERSIST changes it.</summary>
    private static DateTimeOffset? Expiry(StateChange change, StateEntry? current, DateTimeOffset now) => change.TimeToLive switch
    {
        null => current?.Expires,
        { } life when life > TimeSpan.Zero => now + life,
        _ => null,
    };
}
