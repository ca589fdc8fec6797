using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace TKA.Kubernetes.Client;

/// <summary>One request, described for the wire, for metrics and for error messages. Never holds a credential.</summary>
internal sealed record KubernetesRequest(HttpMethod Method, string Path, string Verb, string Resource, string Description)
{
    // As TKA.ServiceDefaults/Telemetry/ClientSpans.cs reads them.
    private static readonly HttpRequestOptionsKey<string> SpanNameKey = new("TKA.Span.Name");
    private static readonly HttpRequestOptionsKey<string> SpanPeerKey = new("TKA.Span.Peer");
    private static readonly HttpRequestOptionsKey<string> SpanNamespaceKey = new("TKA.Span.Namespace");

    public byte[]? Body { get; init; }

    /// <summary>Name of the request in traces, without the names of objects: <c>create ServiceAccount</c>.</summary>
    public string SpanName { get; init; } = $"{Verb} {Resource}";

    /// <summary>Namespace of the object, for traces.</summary>
    public string? Namespace { get; init; }

    public string ContentType { get; init; } = "application/json";

    public static byte[] Serialize<T>(T value, JsonTypeInfo<T> type) => JsonSerializer.SerializeToUtf8Bytes(value, type);

    public HttpRequestMessage CreateMessage(Uri baseUri)
    {
        var message = new HttpRequestMessage(Method, new Uri(baseUri, Path.TrimStart('/')))
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionOrLower,
        };
        message.Options.Set(SpanNameKey, SpanName);
        message.Options.Set(SpanPeerKey, "kubernetes");
        if (Namespace is not null)
        {
            message.Options.Set(SpanNamespaceKey, Namespace);
        }

        if (Body is not null)
        {
            message.Content = new ByteArrayContent(Body);
            message.Content.Headers.ContentType = new MediaTypeHeaderValue(ContentType);
        }

        return message;
    }
}
