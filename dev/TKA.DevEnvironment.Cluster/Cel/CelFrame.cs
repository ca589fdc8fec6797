namespace TKA.DevEnvironment.Cluster.Cel;

/// <summary>State of one evaluation: variables by slot, and the remaining work limit.</summary>
internal sealed class CelFrame(object?[] slots)
{
    // The real server has the same limit for one expression and cancels it beyond that.
    private const long CostLimit = 1_000_000;

    private long _cost;

    /// <summary>Values of variables, outermost first.</summary>
    public object?[] Slots { get; } = slots;

    /// <summary>Accounts for work.</summary>
    /// <exception cref="CelException">The limit is reached.</exception>
    public void Spend(long cost)
    {
        _cost += cost;
        if (_cost > CostLimit)
        {
            throw new CelCostException();
        }
    }
}

/// <summary>An expression costs too much; unlike other errors it is never absorbed by <c>||</c> or <c>&amp;&amp;</c>.</summary>
internal sealed class CelCostException : Exception
{
    public CelCostException()
        : base("operation cancelled: actual cost limit exceeded")
    {
    }
}
