using System.Diagnostics;
using System.Net;

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

    private static readonly HttpRequestOptionsKey<HttpStatusCode> Expected = new("TKA.Span.Expected");

    private const string Tailscaled = "local-tailscaled.sock";
    private const string Dapr = "/dapr.proto.runtime.";

    private const string Method = "http.request.method";
    private const string OriginalMethod = "http.request.method_original";

    /// <summary>Names the span of a request that is about to be sent.</summary>
    /// <param name="request">The request.</param>
    /// <param name="name">What is asked for: <c>issue token</c>.</param>
    /// <param name="peer">Of whom: <c>tka-operator</c>.</param>
    /// <param name="expected">A status of 400 or more that is no failure: <c>409</c> for "not yet".</param>
    public static void Describe(HttpRequestMessage request, string name, string peer, HttpStatusCode? expected = null)
    {
        ArgumentNullException.ThrowIfNull(request);
        request.Options.Set(Name, name);
        request.Options.Set(Peer, peer);
        if (expected is { } status)
        {
            request.Options.Set(Expected, status);
        }
    }

    /// <summary>Gives a span the name of its request.</summary>
    internal static void Describe(Activity activity, HttpRequestMessage request)
    {
        if (request.Options.TryGetValue(Name, out var name))
        {
            Rename(activity, name);
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
            Rename(activity, uri.Segments[^1]);
            activity.SetTag("peer.service", "tailscaled");
        }
        else if (request.RequestUri?.AbsolutePath is { } path && path.StartsWith(Dapr, StringComparison.Ordinal))
        {
            Rename(activity, path[(path.LastIndexOf('/') + 1)..]);
            activity.SetTag("peer.service", "dapr");
        }
    }

    /// <summary>Takes the mark of an error off a span whose answer was expected.</summary>
    internal static void Judge(Activity activity, HttpResponseMessage response)
    {
        if (response.RequestMessage?.Options.TryGetValue(Expected, out var expected) == true && response.StatusCode == expected)
        {
            activity.SetStatus(ActivityStatusCode.Unset);
            activity.SetTag("error.type", null);
        }
    }

    /// <summary>
    /// The Aspire dashboard shows a client span that has the method attribute as <c>HTTP POST 201</c>, whatever its name is; the other
    /// attribute that OpenTelemetry has for the method keeps it readable.
    /// </summary>
    private static void Rename(Activity activity, string name)
    {
        activity.DisplayName = name;
        if (activity.GetTagItem(Method) is { } method)
        {
            activity.SetTag(Method, null);
            activity.SetTag(OriginalMethod, method);
        }
    }
}
