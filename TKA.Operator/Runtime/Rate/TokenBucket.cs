namespace TKA.Operator.Runtime.Rate;

/// <summary>Allows a rate with a burst. A caller without a token is told how long to wait for the one reserved for it.</summary>
internal sealed class TokenBucket
{
    private readonly Lock _lock = new();
    private readonly TimeProvider _time;
    private readonly double _perSecond;
    private readonly int _burst;
    private double _tokens;
    private long _updated;

    public TokenBucket(TimeProvider time, double perSecond, int burst)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(perSecond);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(burst);
        _time = time;
        _perSecond = perSecond;
        _burst = burst;
        _tokens = burst;
        _updated = time.GetTimestamp();
    }

    /// <summary>Takes tokens now or from the future.</summary>
    /// <param name="tokens">How many.</param>
    /// <returns>How long to wait; zero when there were as many.</returns>
    public TimeSpan Reserve(int tokens = 1)
    {
        lock (_lock)
        {
            Refill();
            _tokens -= tokens;
            return _tokens >= 0 ? TimeSpan.Zero : TimeSpan.FromSeconds(-_tokens / _perSecond);
        }
    }

    /// <summary>Takes a token if there is one now.</summary>
    public bool TryTake()
    {
        lock (_lock)
        {
            Refill();
            if (_tokens < 1)
            {
                return false;
            }

            _tokens--;
            return true;
        }
    }

    private void Refill()
    {
        var now = _time.GetTimestamp();
        _tokens = Math.Min(_burst, _tokens + (_time.GetElapsedTime(_updated, now).TotalSeconds * _perSecond));
        _updated = now;
    }
}
