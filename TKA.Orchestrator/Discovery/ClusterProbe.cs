using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Text.Json;
using Microsoft.Extensions.Options;
using TKA.Contracts;
using TKA.Contracts.Orchestrator;
using TKA.Contracts.Rest;
using TKA.Orchestrator.Configuration;
using TKA.Orchestrator.Registry;
using TKA.Tailscale.LocalApi;

namespace TKA.Orchestrator.Discovery;

/// <summary>A cluster as its own API describes it.</summary>
/// <param name="Cluster">What is listed.</param>
/// <param name="InstallationId">Which installation it is.</param>
internal sealed record ClusterAnswer(Cluster Cluster, string InstallationId);

/// <summary>A node does not answer as a TKA API does; the message says why, for people.</summary>
internal sealed class ClusterProbeException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>
/// Asks a node of the tailnet what cluster it serves. The only things that decide where the request goes are the node's own name and
/// address, which tailscaled says, and a port; what the node answers is checked and is never followed anywhere.
/// </summary>
internal sealed class ClusterProbe : IDisposable
{
    private const int LargestAnswer = 256 * 1024;
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(2);

    private readonly RegistryOptions _options;
    private readonly HttpClient _http;

    /// <summary>Creates it; nothing is asked yet.</summary>
    /// <param name="localApi">Connects to nodes.</param>
    /// <param name="options">Settings of the registry.</param>
    /// <param name="tls">What TLS is verified with; <see langword="null"/>: the system's authorities.</param>
    public ClusterProbe(ILocalApiClient localApi, IOptions<RegistryOptions> options, SslClientAuthenticationOptions? tls = null)
    {
        _options = options.Value;
        _http = new HttpClient(new SocketsHttpHandler
        {
            // Through tailscaled: the tailnet only, and in userspace networking as well. TLS goes over it and is verified as usual.
            ConnectCallback = async (context, cancellationToken) =>
                await localApi.DialAsync(AddressOf(context.InitialRequestMessage), context.DnsEndPoint.Port, cancellationToken),
            SslOptions = tls ?? new SslClientAuthenticationOptions(),
            UseProxy = false,
            UseCookies = false,
            AllowAutoRedirect = false,
            PooledConnectionLifetime = TimeSpan.Zero,
        })
        {
            Timeout = Timeout,
            MaxResponseContentBufferSize = LargestAnswer,
        };
    }

    private static HttpRequestOptionsKey<string> Address { get; } = new("tka.node.address");

    public void Dispose() => _http.Dispose();

    /// <summary>Where a node's API is: at its own name, whatever is asked for. Only scheme and port can differ.</summary>
    /// <param name="node">The node.</param>
    /// <param name="wanted">URL that the node named in its request; <see langword="null"/>: none.</param>
    /// <exception cref="ClusterProbeException">The URL does not belong to this node.</exception>
    public Uri EndpointOf(ClusterNode node, string? wanted)
    {
        if (string.IsNullOrEmpty(wanted))
        {
            var plain = _options.AllowHttp && _options.ClusterPort != 443;
            return new UriBuilder(plain ? "http" : "https", node.Fqdn, _options.ClusterPort).Uri;
        }

        if (!Uri.TryCreate(wanted, UriKind.Absolute, out var url) || (url.Scheme != "https" && !(url.Scheme == "http" && _options.AllowHttp)))
        {
            throw new ClusterProbeException($"tka_endpoint is \"{wanted}\". Clusters serve https.");
        }

        return new UriBuilder(url.Scheme, node.Fqdn, url.Port).Uri;
    }

    /// <summary>Asks a node.</summary>
    /// <param name="node">The node.</param>
    /// <param name="wanted">URL that the node named in its request; <see langword="null"/>: none.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="ClusterProbeException">It did not answer, or not as a TKA API does.</exception>
    public async Task<ClusterAnswer> AskAsync(ClusterNode node, string? wanted, CancellationToken cancellationToken)
    {
        var endpoint = EndpointOf(node, wanted);
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(endpoint, ApiRoutes.ClusterInfo));
        request.Options.Set(Address, node.Address);

        // An API behind a loopback name answers to that name, not to the node's.
        if (LocalOf(wanted) is { } local)
        {
            request.Headers.Host = new Uri(local).Authority;
        }

        try
        {
            using var response = await _http.SendAsync(request, cancellationToken);
            if (response.StatusCode != HttpStatusCode.OK)
            {
                throw new ClusterProbeException($"{request.RequestUri} answered {(int)response.StatusCode}.");
            }

            var body = await response.Content.ReadAsByteArrayAsync(cancellationToken);
            return Read(node, endpoint.GetLeftPart(UriPartial.Authority), LocalOf(wanted), body);
        }
        catch (JsonException exception)
        {
            throw new ClusterProbeException($"{request.RequestUri} did not answer with a cluster.", exception);
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException or SocketException or LocalApiException
            || (exception is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            var reason = exception is OperationCanceledException ? $"no answer within {Timeout.TotalSeconds} s" : exception.GetBaseException().Message;
            throw new ClusterProbeException($"{request.RequestUri} cannot be asked: {reason}", exception);
        }
    }

    private ClusterAnswer Read(ClusterNode node, string endpoint, string? local, byte[] body)
    {
        var info = JsonSerializer.Deserialize(body, ContractsJsonContext.Default.ClusterInfo) ?? throw new JsonException();
        var cluster = new Cluster
        {
            Name = info.Name ?? node.Fqdn.Split('.', 2)[0],
            ApiEndpoint = info.ServerUrl,
            TkaEndpoint = local ?? LocalOf(info.TkaEndpoint) ?? endpoint,
            CaData = info.CaData.Length > 0 ? info.CaData : null,
            Description = info.Description ?? "",
            Labels = info.Labels,
            Version = info.Version ?? "",
            KubernetesVersion = info.KubernetesVersion,
            SignsIn = info.SignsIn,
        };
        var errors = ClusterValidation.Check(cluster);
        return errors.Count == 0
            ? new ClusterAnswer(cluster, info.InstallationId is { Length: > 0 and <= 128 } id ? id : $"node:{node.Id}")
            : throw new ClusterProbeException($"{endpoint} describes no valid cluster. {string.Join(" ", errors)}");
    }

    /// <summary>A URL on this machine, which only the stack of a laptop may list; <see langword="null"/> for any other.</summary>
    private string? LocalOf(string? url) => _options.AllowHttp && Uri.TryCreate(url, UriKind.Absolute, out var uri) && uri.IsLoopback ? url : null;

    private static string AddressOf(HttpRequestMessage request) =>
        request.Options.TryGetValue(Address, out var address) ? address : throw new InvalidOperationException("The request is for no node.");
}
