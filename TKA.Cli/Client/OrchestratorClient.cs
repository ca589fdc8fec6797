using TKA.Contracts;
using TKA.Contracts.Orchestrator;
using TKA.Contracts.Rest;

namespace TKA.Cli.Client;

/// <summary>The orchestrator's registry of clusters.</summary>
/// <param name="transport">HTTP to the orchestrator.</param>
internal sealed class OrchestratorClient(HttpTransport transport) : IDisposable
{
    /// <inheritdoc/>
    public void Dispose() => transport.Dispose();

    /// <summary>The clusters, all pages, perhaps only those a label selector picks.</summary>
    public async Task<ClusterList> ListAsync(string? selector, CancellationToken cancellationToken, TimeSpan? limit = null)
    {
        var items = new List<Cluster>();
        var degraded = false;
        string? next = null;
        do
        {
            var query = string.Join('&', new[] { ("label_selector", selector), ("continue", next) }
                .Where(pair => pair.Item2 is not null)
                .Select(pair => $"{pair.Item1}={Uri.EscapeDataString(pair.Item2!)}"));
            var answer = await transport.SendAsync(HttpMethod.Get, ApiRoutes.Clusters + (query is "" ? "" : "?" + query), limit: limit, cancellationToken: cancellationToken);
            var page = answer.IsSuccess
                ? transport.Read(answer, ContractsJsonContext.Default.ClusterList)
                : throw ServerErrors.From(transport.Server, answer);
            items.AddRange(page.Items);
            degraded |= page.Degraded;
            next = page.Continue is { Length: > 0 } more && more != next ? more : null;
        }
        while (next is not null);

        return new ClusterList { Items = items, Degraded = degraded };
    }
}
