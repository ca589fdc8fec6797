using System.Security.Cryptography;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace TKA.Web.Serving;

/// <summary>
/// Styles, script and icon of the pages. They are embedded in this assembly, and their paths carry a hash of their content, so that
/// browsers keep them until they change.
/// </summary>
public static class WebAssets
{
    private const int HashCharacters = 12;

    internal static Asset Style { get; } = Load("tka.css", "text/css; charset=utf-8");

    internal static Asset Script { get; } = Load("tka.js", "text/javascript; charset=utf-8");

    internal static Asset Icon { get; } = Load("tka.svg", "image/svg+xml");

    /// <summary>Maps the assets. They are the same for everybody, so no identity is asked for.</summary>
    public static void MapWebAssets(this IEndpointRouteBuilder routes)
    {
        foreach (var asset in (Asset[])[Style, Script, Icon])
        {
            routes.MapGet(asset.Path, asset.WriteAsync).AllowAnonymous().ExcludeFromDescription();
        }
    }

    private static Asset Load(string name, string contentType)
    {
        using var resource = typeof(WebAssets).Assembly.GetManifestResourceStream(name)
            ?? throw new InvalidOperationException($"{name} is not embedded in TKA.Web.");
        var content = new byte[resource.Length];
        resource.ReadExactly(content);
        var hash = Convert.ToHexStringLower(SHA256.HashData(content))[..HashCharacters];
        return new Asset($"/assets/{Path.GetFileNameWithoutExtension(name)}.{hash}{Path.GetExtension(name)}", contentType, content);
    }

    internal sealed record Asset(string Path, string ContentType, byte[] Content)
    {
        public Task WriteAsync(HttpContext context)
        {
            var response = context.Response;
            response.ContentType = ContentType;
            response.ContentLength = Content.Length;
            response.Headers.CacheControl = "public, max-age=31536000, immutable";
            response.Headers.XContentTypeOptions = "nosniff";
            response.Headers["Cross-Origin-Resource-Policy"] = "same-origin";
            return response.Body.WriteAsync(Content, context.RequestAborted).AsTask();
        }
    }
}
