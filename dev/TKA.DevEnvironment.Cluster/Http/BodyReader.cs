using System.Buffers;
using System.Text.Json;
using Microsoft.Net.Http.Headers;
using TKA.DevEnvironment.Cluster.Protobuf;

namespace TKA.DevEnvironment.Cluster.Http;

/// <summary>Reads request bodies: bounded in size; JSON, YAML, or protobuf for built-in types.</summary>
internal static class BodyReader
{
    /// <summary>Largest request body, 3 MiB as in Kubernetes.</summary>
    public const int Limit = 3 * 1024 * 1024;

    /// <summary>Reads a body that is an object, by its media type; no body is an empty object when it is optional.</summary>
    /// <exception cref="StatusException">400 malformed, 413 too large, 415 unknown media type.</exception>
    public static async ValueTask<JsonObject> ReadObjectAsync(HttpRequest request, CancellationToken cancellationToken, bool optional = false)
    {
        var bytes = await ReadAsync(request, cancellationToken);
        if (optional && bytes.Length == 0)
        {
            return [];
        }

        return MediaType(request) switch
        {
            "" or MediaTypes.Json => ParseObject(bytes, yaml: false),
            MediaTypes.Yaml => ParseObject(bytes, yaml: true),
            ProtobufDecoder.MediaType => ProtobufDecoder.Decode(bytes),
            _ => throw Statuses.UnsupportedMediaType(MediaTypes.Json),
        };
    }

    /// <summary>Media type of the body without parameters, lower case; empty when not given.</summary>
    public static string MediaType(HttpRequest request) =>
        string.IsNullOrEmpty(request.ContentType) ? ""
        : MediaTypeHeaderValue.TryParse(request.ContentType, out var parsed) ? parsed.MediaType.Value?.ToLowerInvariant() ?? ""
        : "unknown";

    /// <summary>Reads the raw body.</summary>
    /// <exception cref="StatusException">413: over <see cref="Limit"/>.</exception>
    public static async ValueTask<byte[]> ReadAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        if (request.ContentLength > Limit)
        {
            throw Statuses.TooLarge(Limit);
        }

        var body = (await request.BodyReader.ReadAtLeastAsync(Limit + 1, cancellationToken)).Buffer;
        if (body.Length > Limit)
        {
            throw Statuses.TooLarge(Limit);
        }

        var bytes = body.ToArray();
        request.BodyReader.AdvanceTo(body.End);
        return bytes;
    }

    /// <summary>Parses an object from JSON or YAML.</summary>
    /// <exception cref="StatusException">400.</exception>
    public static JsonObject ParseObject(ReadOnlySpan<byte> bytes, bool yaml) => ParseNode(bytes, yaml) switch
    {
        JsonObject obj => obj,
        // Go decodes an empty body as an object without members.
        null => [],
        _ => throw Statuses.BadRequest("couldn't get version/kind; json parse error: the body must be an object"),
    };

    /// <summary>Parses any value from JSON or YAML.</summary>
    /// <exception cref="StatusException">400.</exception>
    public static JsonNode? ParseNode(ReadOnlySpan<byte> bytes, bool yaml)
    {
        try
        {
            return yaml ? YamlJson.Parse(bytes) : ObjectJson.Parse(bytes);
        }
        catch (JsonException exception)
        {
            throw Statuses.BadRequest($"couldn't get version/kind; json parse error: {exception.Message}");
        }
    }
}
