using System.Globalization;

namespace TKA.DevEnvironment.Cluster.Http;

/// <summary>Writes answers.</summary>
internal static class ResponseWriter
{
    /// <summary>Writes a tree.</summary>
    public static Task WriteAsync(HttpContext context, int code, JsonNode node) => WriteBytesAsync(context, code, ObjectJson.Serialize(node));

    /// <summary>Writes serialized JSON as it is.</summary>
    public static async Task WriteBytesAsync(HttpContext context, int code, ReadOnlyMemory<byte> bytes, string contentType = MediaTypes.Json)
    {
        var response = context.Response;
        response.StatusCode = code;
        response.ContentType ??= contentType;
        response.ContentLength = bytes.Length;
        response.Headers.CacheControl = "no-cache, private";
        await response.BodyWriter.WriteAsync(bytes, context.RequestAborted);
    }

    /// <summary>Writes a refusal.</summary>
    public static Task WriteAsync(HttpContext context, StatusException refusal)
    {
        if (refusal.RetryAfterSeconds is { } seconds)
        {
            context.Response.Headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
        }

        return WriteAsync(context, refusal.Code, StatusBodies.Refusal(refusal));
    }

    /// <summary>Adds a <c>Warning: 299</c> header, which kubectl prints; each one only once, however often a write is repeated.</summary>
    public static void Warn(HttpContext context, string message)
    {
        var warning = $"299 - \"{message.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\"";
        if (warning.All(c => c is >= ' ' and < (char)127) && !context.Response.Headers.Warning.Contains(warning))
        {
            context.Response.Headers.Append("Warning", warning);
        }
    }
}
