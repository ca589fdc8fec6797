using System.Collections.Concurrent;

namespace TKA.Tests.Infrastructure;

/// <summary>
/// Writes down every request a service sends to Kubernetes, as <c>POST tkasignins</c>; watches and lists of caches included. What an operator
/// asks once in its life, when it first leads, is left out: it creates its leaving policy.
/// </summary>
public sealed class RequestRecorder
{
    private static readonly string[] OfTheLeavingPolicy = ["/validatingadmissionpolic", "/tka-guard/", "/clusterrolebindings/tka-operator", "/clusterroles/tka-operator", "/customresourcedefinitions/"];

    private readonly ConcurrentQueue<string> _requests = new();

    /// <summary>What was sent, in order.</summary>
    public IReadOnlyList<string> Requests => [.. _requests];

    /// <summary>Writes only: the requests that a login costs the cluster.</summary>
    public IReadOnlyList<string> Writes => [.. _requests.Where(request => !request.StartsWith("GET", StringComparison.Ordinal))];

    /// <summary>Forgets what was sent.</summary>
    public void Clear() => _requests.Clear();

    /// <summary>A handler that writes down; one per client.</summary>
    public DelegatingHandler CreateHandler() => new Recorder(_requests);

    private sealed class Recorder(ConcurrentQueue<string> requests) : DelegatingHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            if (OfTheLeavingPolicy.Any(part => request.RequestUri!.AbsolutePath.Contains(part, StringComparison.Ordinal)))
            {
                return base.SendAsync(request, cancellationToken);
            }

            var path = request.RequestUri!.AbsolutePath.Trim('/').Split('/');
            var resource = Array.IndexOf(path, "namespaces") is var i and >= 0 && path.Length > i + 2 ? string.Join('/', path[(i + 2)..]) : path[^1];
            requests.Enqueue($"{request.Method} {resource}{(request.RequestUri.Query.Contains("watch=true", StringComparison.Ordinal) ? "?watch" : "")}");
            return base.SendAsync(request, cancellationToken);
        }
    }
}
