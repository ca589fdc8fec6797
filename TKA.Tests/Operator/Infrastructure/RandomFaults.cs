using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;

namespace TKA.Tests.Operator.Infrastructure;

/// <summary>
/// Decides the fate of each request by seed, request line and how often that line was seen: two runs with one seed do the same
/// to the same request, whatever the order in which requests of different sessions arrive.
/// </summary>
internal sealed class RandomFaults(int seed)
{
    private readonly ConcurrentDictionary<string, int> _seen = [];
    private readonly ConcurrentDictionary<string, int> _counts = [];
    private int _enabled = 1;

    /// <summary>How often each fault was dealt.</summary>
    public IReadOnlyDictionary<string, int> Dealt => _counts;

    public bool Enabled
    {
        get => Volatile.Read(ref _enabled) == 1;
        set => Volatile.Write(ref _enabled, value ? 1 : 0);
    }

    public Fault? Decide(ProxiedRequest request)
    {
        if (!Enabled)
        {
            return null;
        }

        var line = $"{request.Method} {(request.IsEvent ? "events" : request.Path)} {request.IsWatch}";
        var occurrence = _seen.AddOrUpdate(line, 1, static (_, before) => before + 1);
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes($"{seed} {line} {occurrence}"));
        var dice = BitConverter.ToUInt16(hash) % 1000;
        var (name, fault) = request.IsWatch ? OnWatch(dice, hash[2]) : OnRequest(dice, request, hash[2]);
        if (fault is not null)
        {
            _counts.AddOrUpdate(name, 1, static (_, before) => before + 1);
        }

        return fault;
    }

    private static (string, Fault?) OnWatch(int dice, byte more) => dice switch
    {
        < 200 => ("watch dropped", new Fault { CutAfterChunks = more % 20 }),
        < 300 => ("watch stalled", new Fault { StallAfterChunks = more % 10, StallFor = TimeSpan.FromSeconds(2) }),
        < 340 => ("watch 410", new Fault { Status = 410, Reason = "Expired" }),
        < 380 => ("watch 503", new Fault { Status = 503, Reason = "ServiceUnavailable" }),
        _ => ("", null),
    };

    private static (string, Fault?) OnRequest(int dice, ProxiedRequest request, byte more) => dice switch
    {
        < 25 => ("409", request.Method is "PATCH" or "DELETE" ? new Fault { Status = 409, Reason = "Conflict" } : null),
        < 35 => ("429", new Fault { Status = 429, Reason = "TooManyRequests", RetryAfterSeconds = more % 16 == 0 ? 1 : null }),
        < 60 => ("500", new Fault { Status = 500, Reason = "InternalError" }),
        < 85 => ("503", new Fault { Status = 503, Reason = "ServiceUnavailable" }),
        < 110 => ("reset before", new Fault { AbortBefore = true }),
        < 135 => ("reset after", new Fault { AbortAfter = true }),
        < 145 => ("timeout", new Fault { Delay = TimeSpan.FromSeconds(2) }),
        < 200 => ("slow", new Fault { Delay = TimeSpan.FromMilliseconds(more % 50) }),
        _ => ("", null),
    };
}
