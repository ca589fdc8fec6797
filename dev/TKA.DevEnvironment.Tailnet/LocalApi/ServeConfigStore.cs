using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace TKA.DevEnvironment.Tailnet.LocalApi;

/// <summary><c>serve-config</c>: kept and given back, with ETags. Nothing is really served.</summary>
internal sealed class ServeConfigStore
{
    private readonly Lock _gate = new();
    private string _config = "null";

    public Task HandleAsync(HttpContext context) => context.Request.Method == "GET" ? GetAsync(context) : PostAsync(context);

    private static string EtagOf(string config) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(config)));

    private Task GetAsync(HttpContext context)
    {
        string config;
        lock (_gate)
        {
            config = _config;
        }

        context.Response.Headers.ETag = EtagOf(config);
        context.Response.ContentType = "application/json";
        return context.Response.WriteAsync(config, context.RequestAborted);
    }

    private async Task PostAsync(HttpContext context)
    {
        JsonNode? posted;
        try
        {
            posted = await JsonNode.ParseAsync(context.Request.Body, cancellationToken: context.RequestAborted);
        }
        catch (JsonException exception)
        {
            context.Response.StatusCode = 500;
            await GoResponses.JsonAsync(context, new JsonObject { ["error"] = exception.Message });
            return;
        }

        var matches = context.Request.Headers.IfMatch;
        var stored = false;
        lock (_gate)
        {
            if (matches.Count == 0 || matches[0] == EtagOf(_config))
            {
                _config = posted?.ToJsonString(GoResponses.Compact) ?? "null";
                stored = true;
            }
        }

        if (!stored)
        {
            await GoResponses.ErrorAsync(context, 412, "etag mismatch");
        }
    }
}
