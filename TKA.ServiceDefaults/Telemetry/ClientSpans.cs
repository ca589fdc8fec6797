using System.Diagnostics;

namespace TKA.ServiceDefaults.Telemetry;

/// <summary>
/// Names of the spans of requests that a service sends. <c>POST</c> to an address says little in a trace: what is asked for, and of which
/// peer, does.
/// </summary>
public static class ClientSpans
{
    private static readonly HttpRequestOptionsKey<string> Name = new("TKA.Span.Name");

    private static readonly HttpRequestOptionsKey<string> Peer = new("TKA.Span.Peer");

    // TKA.Kubernetes/Client/KubernetesRequest.cs writes the same keys: it does not see this project.
    private static readonly HttpRequestOptionsKey<string> Namespace = new("TKA.Span.Namespace");

    private const string Tailscaled = "local-tailscaled.sock";
    private const string Dapr = "/dapr.proto.runtime.";

    /// <summary>Names the span of a request that is about to be sent.</summary>
    /// <param name="request">The request.</param>
    /// <param name="name">What is asked for: <c>issue token</c>.</param>
    /// <param name="peer">Of whom: <c>tka-operator</c>.</param>
    public static void Describe(HttpRequestMessage request, string name, string peer)
    {
        ArgumentNullException.ThrowIfNull(request);
        request.Options.Set(Name, name);
        request.Options.Set(Peer, peer);
    }

    /// <summary>Gives a span the name of its request.</summary>
    internal static void Describe(Activity activity, HttpRequestMessage request)
    {
        if (request.Options.TryGetValue(Name, out var name))
        {
            activity.DisplayName = name;
        }

        if (request.Options.TryGetValue(Peer, out var peer))
        {
            activity.SetTag("peer.service", peer);
        }

        if (request.Options.TryGetValue(Namespace, out var ns))
        {
            activity.SetTag("k8s.namespace.name", ns);
        }

        if (request.RequestUri is { } uri && uri.Host == Tailscaled)
        {
            // /localapi/v0/whois
            activity.DisplayName = uri.Segments[^1];
            activity.SetTag("peer.service", "tailscaled");
        }
        else if (request.RequestUri?.AbsolutePath is { } path && path.StartsWith(Dapr, StringComparison.Ordinal))
        {
            activity.DisplayName = path[(path.LastIndexOf('/') + 1)..];
            activity.SetTag("peer.service", "dapr");
        }
    }
}
