namespace TKA.Tests.Operator.Infrastructure;

/// <summary>
/// Counts the requests that each operator sends for each session, by the test's clock. More than <see cref="Limit"/> within a minute in
/// which the person neither signed in nor out break invariant I9. Watches, lists and Events are not counted.
/// </summary>
internal sealed class RequestRates(TimeProvider clock)
{
    /// <summary>Requests a minute for one session.</summary>
    public const int Limit = 60;

    private readonly Lock _lock = new();
    private readonly HashSet<string> _sessions = [];
    private readonly Dictionary<(object Component, string Session), List<SentRequest>> _sent = [];
    private readonly List<string> _violations = [];

    /// <summary>The person signed in or out: the count starts again.</summary>
    public void Changed(string session)
    {
        lock (_lock)
        {
            _sessions.Add(session);
            foreach (var sent in _sent.Where(pair => pair.Key.Session == session))
            {
                _violations.AddRange(Violations(sent.Key.Session, sent.Value));
                sent.Value.Clear();
            }
        }
    }

    /// <summary>Takes note of a request.</summary>
    /// <param name="component">What sent it.</param>
    /// <param name="request">The request.</param>
    public void Add(object component, ProxiedRequest request)
    {
        if (request.IsWatch || request.IsEvent || request.IsList)
        {
            return;
        }

        var text = request.Path + System.Text.Encoding.UTF8.GetString(request.Body);
        lock (_lock)
        {
            // The name of a session beside the base begins with the base session's.
            if (_sessions.Where(name => text.Contains(name, StringComparison.Ordinal)).MaxBy(name => name.Length) is not { } session)
            {
                return;
            }

            if (!_sent.TryGetValue((component, session), out var sent))
            {
                _sent[(component, session)] = sent = [];
            }

            sent.Add(new SentRequest(clock.GetUtcNow(), $"{request.Method} {request.Path}"));
        }
    }

    /// <summary>Requests for a session in each minute since a time, of all operators together.</summary>
    public IReadOnlyList<int> PerMinute(string session, DateTimeOffset since, int minutes)
    {
        lock (_lock)
        {
            var times = _sent.Where(pair => pair.Key.Session == session).SelectMany(pair => pair.Value).Where(sent => sent.At >= since)
                .ToLookup(sent => (int)(sent.At - since).TotalMinutes);
            return [.. Enumerable.Range(0, minutes).Select(minute => times[minute].Count())];
        }
    }

    /// <summary>What breaks I9.</summary>
    public IReadOnlyList<string> Violations()
    {
        lock (_lock)
        {
            return [.. _violations, .. _sent.SelectMany(pair => Violations(pair.Key.Session, pair.Value))];
        }
    }

    private static IEnumerable<string> Violations(string session, List<SentRequest> sent)
    {
        var first = 0;
        for (var last = 0; last < sent.Count; last++)
        {
            while (sent[last].At - sent[first].At >= TimeSpan.FromMinutes(1))
            {
                first++;
            }

            if (last - first >= Limit)
            {
                var lines = sent[first..(last + 1)].CountBy(one => one.Line).Select(line => $"{line.Value} x {line.Key}");
                yield return $"I9: more than {Limit} requests for {session} in the minute before {sent[last].At:O}: {string.Join(", ", lines)}";
                yield break;
            }
        }
    }

    private sealed record SentRequest(DateTimeOffset At, string Line);

    /// <summary>Takes note of what an operator sends when there is no proxy between it and the cluster.</summary>
    public sealed class Recorder(RequestRates rates, object component) : DelegatingHandler
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var body = request.Content is { } content ? await content.ReadAsByteArrayAsync(cancellationToken) : [];
            rates.Add(component, new ProxiedRequest(0, request.Method.Method, request.RequestUri!.AbsolutePath, request.RequestUri.Query, body));
            return await base.SendAsync(request, cancellationToken);
        }
    }
}
