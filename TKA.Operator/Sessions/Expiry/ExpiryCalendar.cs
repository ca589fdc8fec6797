using TKA.Operator.Runtime.Queues;

namespace TKA.Operator.Sessions.Expiry;

/// <summary>
/// Says which sessions are due, to the millisecond, with one timer for all. It holds nothing that cannot be computed again
/// from the objects, and it looks at the clock at least every <see cref="LongestSleep"/>, so that a clock that jumps, or a
/// machine that slept, delays nothing by more.
/// </summary>
/// <param name="time">The clock.</param>
/// <param name="onDue">Called once per entry when its time has come. Quick.</param>
internal sealed class ExpiryCalendar(TimeProvider time, Action<string> onDue) : IDisposable
{
    internal static readonly TimeSpan LongestSleep = TimeSpan.FromSeconds(5);

    private readonly TimedKeys<string> _keys = new(time, () => new TimeSpan(time.GetUtcNow().UtcTicks), onDue, LongestSleep);

    public int Count => _keys.Count;

    /// <summary>Enters a session, or moves it.</summary>
    public void Set(string name, DateTimeOffset due) => _keys.Set(name, new TimeSpan(due.UtcTicks));

    /// <summary>Strikes a session out.</summary>
    public void Remove(string name) => _keys.Remove(name);

    public void Dispose() => _keys.Dispose();
}
