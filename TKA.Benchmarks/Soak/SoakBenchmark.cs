using System.Globalization;

namespace TKA.Benchmarks.Soak;

/// <summary>
/// Thousands of logins and logouts under random faults, for long enough to see what piles up; then what a storm of plugins after a
/// restart of the API, and an API server and a state store that are slow, do to people. Not part of CI.
/// </summary>
internal static class SoakBenchmark
{
    private const int Users = 32;

    private static readonly TimeSpan Sample = TimeSpan.FromSeconds(5);

    /// <summary>Runs it. Options: <c>--minutes 20</c>, <c>--people 2000</c>, <c>--logins 20000</c>, <c>--seed 1</c>, <c>--logs DIR</c> to keep the log files.</summary>
    public static async Task<int> RunAsync(string[] args)
    {
        var options = Options.Parse(args);
        await using var stack = await SoakStack.StartAsync(options.People, "8h");
        var population = new Population(() => stack.Api.Uri, options.People);
        var start = TimeProvider.System.GetUtcNow();
        MemoryRecord[] memory = [new(stack.Operator), new(stack.Api)];
        var faults = new RandomFaults(stack.Links, options.Seed);
        using var end = new CancellationTokenSource(options.Time, TimeProvider.System);
        var making = faults.RunAsync(end.Token);
        var measuring = MeasureAsync(memory, end.Token);
        var crashing = CrashAsync(stack, options.Time, end.Token);
        await LiveAsync(population, options, end.Token);
        await Task.WhenAll(making, measuring, crashing);
        var took = TimeProvider.System.GetUtcNow() - start;

        await population.LogoutAllAsync();
        Print($"{population.Logins} logins and {population.Logouts} logouts of {options.People} people in {took.TotalMinutes:0.0} min; login p50 {Percentile(population, 50):0} ms, p99 {Percentile(population, 99):0} ms, faults included");
        Print($"Faults: {string.Join(", ", faults.Happened.Select(fault => $"{fault.Value} x {fault.Key}"))}; operator and API killed once each");
        Print($"Answers other than expected, tried again: {population.TroubleSince(new Dictionary<string, int>())}");
        var fine = memory.Select(record => record.Report()).ToArray().All(flat => flat);

        var orphans = await Aftermath.OrphansAsync(stack.Admin);
        fine &= Report("objects without a session", orphans);
        var (wrong, records) = await Aftermath.LedgerAsync(stack.Dapr, start, population.Begun);
        fine &= Report($"sessions wrong in the ledger, of {records} records", wrong);
        fine &= Report("kinds of unexplained error lines", [.. Aftermath.UnexplainedErrors(stack.Operator), .. Aftermath.UnexplainedErrors(stack.Api)]);
        fine &= await Storm.RunAsync(stack, population, options.People);
        fine &= await SlowAsync(stack, population);
        options.KeepLogs(stack.Operator, stack.Api);
        return fine ? 0 : 1;
    }

    /// <summary>So many people at a time, spread over the whole time.</summary>
    private static async Task LiveAsync(Population population, Options options, CancellationToken end)
    {
        var started = TimeProvider.System.GetTimestamp();
        await Task.WhenAll(Enumerable.Range(0, Users).Select(async _ =>
        {
            await Task.Yield();
            while (!end.IsCancellationRequested && (population.Logins < options.Logins || population.Logouts < options.Logins))
            {
                var due = options.Time * ((double)population.Logins / options.Logins);
                if (due > TimeProvider.System.GetElapsedTime(started))
                {
                    await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, end).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                    continue;
                }

                await population.StepAsync();
            }
        }));
    }

    private static async Task MeasureAsync(MemoryRecord[] memory, CancellationToken end)
    {
        while (!end.IsCancellationRequested)
        {
            await Task.Delay(Sample, TimeProvider.System, end).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            foreach (var record in memory)
            {
                await record.TakeAsync();
            }
        }
    }

    /// <summary>Each component is killed once, in the first quarter: their memory is compared after it.</summary>
    private static async Task CrashAsync(SoakStack stack, TimeSpan time, CancellationToken end)
    {
        await Task.Delay(time / 12, TimeProvider.System, end).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await stack.RestartOperatorAsync();
        await Task.Delay(time / 12, TimeProvider.System, end).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await stack.RestartApiAsync();
    }

    /// <summary>Cluster and state store answer 200 ms late: everything takes longer and nothing else happens.</summary>
    private static async Task<bool> SlowAsync(SoakStack stack, Population population)
    {
        const int Operations = 400;
        const int Alone = 20;
        var late = TimeSpan.FromMilliseconds(200);

        // What the storm's end has left to do would be slow as well, and a person whose session is still ending is told to come again.
        await Aftermath.OrphansAsync(stack.Admin);
        var (before, logins) = (population.Trouble.ToDictionary(), population.LoginTimes.Count);
        foreach (var link in stack.Links.Where(link => !link.Name.Contains("API to operator", StringComparison.Ordinal)))
        {
            link.Latency = late;
        }

        // How often a person waits for the cluster: on a busy machine this says more than milliseconds do.
        for (var i = 0; i < Alone; i++)
        {
            await population.StepAsync();
        }

        var alone = population.LoginTimes.Skip(logins).Order().ToArray();
        var answers = alone.ElementAtOrDefault(alone.Length / 2) / late.TotalMilliseconds;
        logins += alone.Length;
        await Parallel.ForAsync(0, Operations, new ParallelOptions { MaxDegreeOfParallelism = Users }, async (_, _) => await population.StepAsync());
        var slow = population.LoginTimes.Skip(logins).Order().ToArray();
        var trouble = population.TroubleSince(before);
        foreach (var link in stack.Links)
        {
            link.Latency = TimeSpan.Zero;
        }

        await population.LogoutAllAsync();
        var orphans = await Aftermath.OrphansAsync(stack.Admin);
        Print($"Cluster and state store 200 ms slow: a login alone takes as long as {answers:0.0} answers of the cluster (the bare requests: 5.0); {Operations} operations by {Users} people, login p50 {slow.ElementAtOrDefault(slow.Length / 2):0} ms, answers other than expected: {(trouble.Length == 0 ? "none" : trouble)}");
        return Report("objects without a session after that", orphans) & trouble.Length == 0;
    }

    private static bool Report(string what, IReadOnlyList<string> found)
    {
        Print($"{found.Count} {what}");
        foreach (var one in found.Take(10))
        {
            Print($"  {one}");
        }

        return found.Count == 0;
    }

    private static double Percentile(Population population, int percent) =>
        population.LoginTimes.Order().ElementAtOrDefault(population.LoginTimes.Count * percent / 100);

    private static void Print(FormattableString text) => Console.WriteLine(text.ToString(CultureInfo.InvariantCulture));

    /// <summary>What was asked for on the command line.</summary>
    private sealed record Options(TimeSpan Time, int People, int Logins, int Seed, string? Logs)
    {
        public static Options Parse(string[] args)
        {
            var minutes = Value("--minutes") is { } given ? double.Parse(given, CultureInfo.InvariantCulture) : 20;
            return new Options(
                TimeSpan.FromMinutes(minutes),
                Number("--people", 2000),
                Number("--logins", (int)(1000 * minutes)),
                Number("--seed", 1),
                Value("--logs"));

            string? Value(string name) => args.SkipWhile(argument => argument != name).Skip(1).FirstOrDefault();

            int Number(string name, int otherwise) => Value(name) is { } text ? int.Parse(text, CultureInfo.InvariantCulture) : otherwise;
        }

        public void KeepLogs(params Component[] components)
        {
            if (Logs is { } directory)
            {
                Directory.CreateDirectory(directory);
                foreach (var component in components)
                {
                    File.Copy(component.LogPath, Path.Combine(directory, Path.GetFileName(component.LogPath)), overwrite: true);
                }
            }
        }
    }
}
