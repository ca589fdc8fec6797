using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.ServerSentEvents;
using System.Text.Json;
using TKA.Contracts;
using TKA.Contracts.Rest;

namespace TKA.Benchmarks.Orchestrator;

/// <summary>Watchers of clusters that carry a label which none has at first: they are sent nothing until clusters change.</summary>
internal sealed class Watching(HttpClient client) : IDisposable
{
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(2);

    private readonly ConcurrentDictionary<string, long> _expected = new(StringComparer.Ordinal);
    private readonly ConcurrentBag<TimeSpan> _arrivals = [];
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentBag<HttpResponseMessage> _responses = [];

    /// <summary>Opens one more; it follows the clusters on return.</summary>
    public async Task OpenAsync()
    {
        HttpResponseMessage response;
        do
        {
            // On a busy machine the embedded tailscaled may answer WhoIs later than the orchestrator waits. A client repeats a request after 503.
            response = await client.GetAsync($"{ApiRoutes.Clusters}?watch=true&label_selector=watched%3Dyes", HttpCompletionOption.ResponseHeadersRead);
            _responses.Add(response);
        }
        while (response.StatusCode == HttpStatusCode.ServiceUnavailable);

        response.EnsureSuccessStatusCode();
        var events = SseParser.Create(await response.Content.ReadAsStreamAsync(_stop.Token)).EnumerateAsync(_stop.Token).GetAsyncEnumerator();
        while (await events.MoveNextAsync() && events.Current.EventType != "synced")
        {
            // What was there before.
        }

        _ = Task.Run(() => FollowAsync(events));
    }

    /// <summary>Says that a cluster changes now.</summary>
    public void Expect(string cluster) => _expected[cluster] = Stopwatch.GetTimestamp();

    /// <summary>Waits for events of all watchers, and says how long after the change each came, shortest first.</summary>
    public async Task<IReadOnlyList<TimeSpan>> ArrivedAsync(int count)
    {
        var started = Stopwatch.GetTimestamp();
        while (_arrivals.Count < count && Stopwatch.GetElapsedTime(started) < Longest)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System);
        }

        return [.. _arrivals.Order()];
    }

    public void Dispose()
    {
        _stop.Cancel();
        foreach (var response in _responses)
        {
            response.Dispose();
        }

        _stop.Dispose();
    }

    private async Task FollowAsync(IAsyncEnumerator<SseItem<string>> events)
    {
        try
        {
            while (await events.MoveNextAsync())
            {
                var cluster = JsonSerializer.Deserialize(events.Current.Data, ContractsJsonContext.Default.Cluster)!;
                if (events.Current.EventType == "added" && _expected.TryGetValue(cluster.Name, out var changed))
                {
                    _arrivals.Add(Stopwatch.GetElapsedTime(changed));
                }
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or IOException or HttpRequestException)
        {
            // The benchmark is over.
        }
    }
}
