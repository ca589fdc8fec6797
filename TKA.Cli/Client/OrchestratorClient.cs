using TKA.Cli.Errors;
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

    /// <summary>The clusters, perhaps only those a label selector picks.</summary>
    public async Task<ClusterList> ListAsync(string? selector, CancellationToken cancellationToken, TimeSpan? limit = null)
    {
        var path = ApiRoutes.Clusters + (selector is null ? "" : $"?label_selector={Uri.EscapeDataString(selector)}");
        var answer = await transport.SendAsync(HttpMethod.Get, path, limit: limit, cancellationToken: cancellationToken);
        return answer.IsSuccess
            ? transport.Read(answer, ContractsJsonContext.Default.ClusterList)
            : throw ServerErrors.From(transport.Server, answer);
    }

    /// <summary>The URL of a cluster's TKA server.</summary>
    /// <exception cref="CliException">No such cluster, or it has no TKA server.</exception>
    public async Task<Uri> FindServerAsync(string name, CancellationToken cancellationToken)
    {
        var clusters = (await ListAsync(null, cancellationToken)).Items;
        var cluster = clusters.FirstOrDefault(candidate => candidate.Name == name) ?? throw new CliException(
            ErrorCodes.ClusterUnknown,
            ExitCode.Failure,
            $"The orchestrator knows no cluster named {name}.",
            [clusters.Count == 0 ? "It knows none at all yet." : $"It knows {string.Join(", ", clusters.Select(candidate => candidate.Name).Order(StringComparer.Ordinal))}."]);
        return Uri.TryCreate(cluster.TkaEndpoint, UriKind.Absolute, out var server) && server.Scheme is "http" or "https"
            ? new Uri(server.GetLeftPart(UriPartial.Authority))
            : throw new CliException(
                ErrorCodes.ClusterWithoutTka,
                ExitCode.Failure,
                $"The cluster {name} is registered without a TKA server to sign in at.",
                ["Name the server with --server, or ask whoever runs the cluster to register its tka_endpoint."]);
    }
}
