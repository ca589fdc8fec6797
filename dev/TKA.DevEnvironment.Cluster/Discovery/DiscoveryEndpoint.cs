namespace TKA.DevEnvironment.Cluster.Discovery;

/// <summary>Serves discovery, version and health paths.</summary>
internal sealed class DiscoveryEndpoint(DiscoveryDocuments documents)
{
    /// <summary>Answers when the path is one of these; else returns false.</summary>
    public async Task<bool> TryHandleAsync(HttpContext context)
    {
        var parts = (context.Request.Path.Value ?? "").Split('/', StringSplitOptions.RemoveEmptyEntries);
        var read = HttpMethods.IsGet(context.Request.Method) || HttpMethods.IsHead(context.Request.Method);
        if (parts is ["livez" or "readyz" or "healthz", ..])
        {
            await HealthAsync(context, parts);
            return true;
        }

        if (Document(context, parts) is not { } document)
        {
            return false;
        }

        if (!read)
        {
            throw Statuses.MethodNotAllowed();
        }

        await ResponseWriter.WriteAsync(context, 200, document);
        return true;
    }

    private JsonObject? Document(HttpContext context, string[] parts)
    {
        switch (parts)
        {
            case []:
                return new JsonObject { ["paths"] = Paths().ToJsonArray() };
            case ["version"]:
                return VersionInfo.ToJson();
            case ["api"]:
                return DiscoveryDocuments.CoreVersions(context.Request.Host.ToString());
            case ["apis"]:
                return documents.Groups();
            case ["api", var v]:
                return documents.Resources("", v);
            case ["apis", var group]:
                return documents.GroupDocument(group);
            case ["apis", var group, var v]:
                return documents.Resources(group, v);
            default:
                return null;
        }
    }

    private IEnumerable<string> Paths() =>
        documents.GroupVersions()
            .SelectMany(gv => gv.Group.Length == 0 ? (string[])["/api", $"/api/{gv.Version}"] : [$"/apis/{gv.Group}", $"/apis/{gv.Group}/{gv.Version}"])
            .Concat(["/apis", "/healthz", "/livez", "/readyz", "/openapi/v2", "/openapi/v3", "/version"])
            .Distinct()
            .Order(StringComparer.Ordinal);

    private static async Task HealthAsync(HttpContext context, string[] parts)
    {
        if (parts.Length > 1 && parts[1] is not ("ping" or "etcd" or "log"))
        {
            throw Statuses.NoSuchResource();
        }

        var text = context.Request.Query.ContainsKey("verbose") ? $"[+]ping ok\n[+]etcd ok\n{parts[0]} check passed\n" : "ok";
        await ResponseWriter.WriteBytesAsync(context, 200, System.Text.Encoding.UTF8.GetBytes(text), "text/plain; charset=utf-8");
    }
}
