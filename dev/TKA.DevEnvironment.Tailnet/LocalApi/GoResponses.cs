using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace TKA.DevEnvironment.Tailnet.LocalApi;

/// <summary>Answers as Go's net/http and encoding/json write them.</summary>
internal static class GoResponses
{
    public static readonly JsonSerializerOptions Indented = new()
    {
        WriteIndented = true,
        IndentCharacter = '\t',
        IndentSize = 1,
        NewLine = "\n",
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    public static readonly JsonSerializerOptions Compact = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary><c>http.Error</c>: the text and a line feed.</summary>
    public static Task ErrorAsync(HttpContext context, int status, string text)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "text/plain; charset=utf-8";
        return context.Response.WriteAsync(text + "\n", context.RequestAborted);
    }

    public static Task JsonAsync(HttpContext context, JsonNode? node)
    {
        context.Response.ContentType = "application/json";
        return context.Response.WriteAsync((node?.ToJsonString(Indented) ?? "null") + "\n", context.RequestAborted);
    }
}
