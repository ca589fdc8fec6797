using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace TKA.Kubernetes.Client;

/// <summary>One request, described for the wire, for metrics and for error messages. Never holds a credential.</summary>
internal sealed record KubernetesRequest(HttpMethod Method, string Path, string Verb, string Resource, string Description)
{
    public byte[]? Body { get; init; }

    public string ContentType { get; init; } = "application/json";

    public static byte[] Serialize<T>(T value, JsonTypeInfo<T> type) => JsonSerializer.SerializeToUtf8Bytes(value, type);

    public HttpRequestMessage CreateMessage(Uri baseUri)
    {
        var message = new HttpRequestMessage(Method, new Uri(baseUri, Path.TrimStart('/')))
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionOrLower,
        };
        if (Body is not null)
        {
            message.Content = new ByteArrayContent(Body);
            message.Content.Headers.ContentType = new MediaTypeHeaderValue(ContentType);
        }

        return message;
    }
}
