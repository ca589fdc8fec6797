using System.Globalization;

namespace TKA.Benchmarks.Soak;

/// <summary>The API is killed and started again; the moment it is ready, every person's exec plugin asks for a token.</summary>
internal static class Storm
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(10);

    public static async Task<bool> RunAsync(SoakStack stack, Population population, int people)
    {
        await population.LoginAllAsync();
        var before = population.Trouble.ToDictionary();
        await stack.Api.KillAsync();
        var killed = TimeProvider.System.GetTimestamp();
        await stack.Api.StartAsync();
        var started = TimeProvider.System.GetTimestamp();
        var answers = await Task.WhenAll(Enumerable.Range(0, people).Select(async person =>
        {
            await Task.Yield();
            var served = await population.TokenAsync(person);
            return (Served: served, At: TimeProvider.System.GetTimestamp());
        }));
        var (served, last) = (answers.Count(answer => answer.Served), TimeProvider.System.GetElapsedTime(started, answers.Max(answer => answer.At)));
        var throttled = population.Trouble
            .Where(kind => kind.Key.Contains("TooManyRequests", StringComparison.Ordinal))
            .Sum(kind => kind.Value - before.GetValueOrDefault(kind.Key));
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"Storm after an API restart: {served} of {people} plugins served, the last {last.TotalSeconds:0.0} s after the API was ready, which took it {TimeProvider.System.GetElapsedTime(killed, started).TotalSeconds:0.0} s; {throttled} x 429; {population.TroubleSince(before)}"));
        await population.LogoutAllAsync();
        return served == people && last <= Bound && throttled == 0;
    }
}
