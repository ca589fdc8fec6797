namespace TKA.Benchmarks.Soak;

/// <summary>Every few seconds something happens to one of the links, for some seconds. The same seed gives the same faults.</summary>
internal sealed class RandomFaults(IReadOnlyList<FaultyLink> links, int seed)
{
    private static readonly TimeSpan SlowBy = TimeSpan.FromMilliseconds(200);

    private readonly Random _random = new(seed);

    /// <summary>How often each fault happened.</summary>
    public SortedDictionary<string, int> Happened { get; } = new(StringComparer.Ordinal);

    /// <summary>Makes faults until told to stop; all is well on return.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            await WaitAsync(TimeSpan.FromSeconds(_random.Next(3, 12)), cancellationToken);
            var link = links[_random.Next(links.Count)];
            var time = TimeSpan.FromMilliseconds(_random.Next(500, 4000));
            var kind = cancellationToken.IsCancellationRequested ? "" : _random.Next(4) switch
            {
                0 => "reset",
                1 => "stalled",
                2 => "down",
                _ => "200 ms slow",
            };
            switch (kind)
            {
                case "reset":
                    link.Reset();
                    break;
                case "stalled":
                    link.Stall(time);
                    break;
                case "down":
                    link.IsDown = true;
                    link.Reset();
                    await WaitAsync(time, cancellationToken);
                    link.IsDown = false;
                    break;
                case "200 ms slow":
                    link.Latency = SlowBy;
                    await WaitAsync(time, cancellationToken);
                    link.Latency = TimeSpan.Zero;
                    break;
                default:
                    return;
            }

            var name = $"{link.Name} {kind}";
            Happened[name] = Happened.GetValueOrDefault(name) + 1;
        }
    }

    private static async Task WaitAsync(TimeSpan time, CancellationToken cancellationToken) =>
        await Task.Delay(time, TimeProvider.System, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
}
