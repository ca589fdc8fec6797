using System.Collections.Concurrent;
using System.Net;
using TKA.Operator.Runtime.Rate;

namespace TKA.Operator.Tokens.Authentication;

/// <summary>
/// How many reviews each address may cause. Anybody who reaches the port can present rubbish; it must become neither a flood of
/// reviews nor a way to keep the API's own token from being reviewed.
/// </summary>
internal sealed class ReviewBudget
{
    private const int MaxAddresses = 1024;

    private readonly ConcurrentDictionary<IPAddress, TokenBucket> _budgets = [];
    private readonly TokenBucket _strangers = NewBudget();

    /// <summary>Takes one review from an address's budget if there is one now.</summary>
    public bool TryTake(IPAddress? address)
    {
        if (address is null)
        {
            return _strangers.TryTake();
        }

        if (!_budgets.TryGetValue(address, out var budget))
        {
            budget = _budgets.Count < MaxAddresses ? _budgets.GetOrAdd(address, _ => NewBudget()) : _strangers;
        }

        return budget.TryTake();
    }

    private static TokenBucket NewBudget() => new(TimeProvider.System, perSecond: 5, burst: 30);
}
