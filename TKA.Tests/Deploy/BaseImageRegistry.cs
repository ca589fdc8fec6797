using System.Collections.Concurrent;
using System.Formats.Tar;
using System.IO.Compression;
using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace TKA.Tests.Deploy;

/// <summary>
/// A container registry on a loopback port with one base image, made here: two platforms, one layer with an empty directory. It takes what is
/// pushed to other names.
/// </summary>
internal sealed class BaseImageRegistry : IAsyncDisposable
{
    private const string Manifest = "application/vnd.oci.image.manifest.v1+json";
    private const string Index = "application/vnd.oci.image.index.v1+json";
    private readonly WebApplication _app;
    private readonly ConcurrentDictionary<string, (byte[] Content, string MediaType)> _content = [];
    private readonly ConcurrentDictionary<string, MemoryStream> _uploads = [];
    private readonly ConcurrentDictionary<string, string> _pushed = [];
    private readonly string _index;

    private BaseImageRegistry()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        _app = builder.Build();
        _app.MapMethods("/v2/{**path}", ["GET", "HEAD"], Answer);
        _app.MapPost("/v2/{**path}", Begin);
        _app.MapPatch("/v2/{**path}", GoOnAsync);
        _app.MapPut("/v2/{**path}", FinishAsync);

        var (layer, uncompressed) = Layer();
        var layers = new[] { Describe("application/vnd.oci.image.layer.v1.tar+gzip", layer) };
        var platforms = new[] { "amd64", "arm64" }.Select(architecture =>
        {
            var config = Json(new { architecture, os = "linux", config = new { }, rootfs = new { type = "layers", diff_ids = new[] { Digest(uncompressed) } }, history = Array.Empty<object>() });
            var manifest = Json(new { schemaVersion = 2, mediaType = Manifest, config = Describe("application/vnd.oci.image.config.v1+json", config), layers });
            return new { mediaType = Manifest, digest = Add(Manifest, manifest), size = manifest.Length, platform = new { architecture, os = "linux" } };
        });
        _index = Add(Index, Json(new { schemaVersion = 2, mediaType = Index, manifests = platforms.ToArray() }));
    }

    /// <summary>Host and port.</summary>
    public string Address => $"localhost:{new Uri(_app.Urls.Single()).Port}";

    /// <summary>Manifests that were asked for by name, like <c>dotnet/aspnet:10.0</c>.</summary>
    public HashSet<string> Asked { get; } = [];

    /// <summary>Digests of the manifests that were pushed, by name and tag, like <c>tka/tka-api:1.0.0</c>.</summary>
    public IReadOnlyDictionary<string, string> Pushed => _pushed;

    /// <summary>Content of a manifest or blob.</summary>
    public byte[] Content(string digest) => _content[digest].Content;

    public static async Task<BaseImageRegistry> StartAsync(CancellationToken cancellationToken)
    {
        var registry = new BaseImageRegistry();
        await registry._app.StartAsync(cancellationToken);
        return registry;
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private static byte[] Json(object value) => JsonSerializer.SerializeToUtf8Bytes(value);

    private static string Digest(byte[] content) => $"sha256:{Convert.ToHexStringLower(SHA256.HashData(content))}";

    private static (byte[] Compressed, byte[] Tar) Layer()
    {
        using var tar = new MemoryStream();
        using (var writer = new TarWriter(tar, leaveOpen: true))
        {
            writer.WriteEntry(new PaxTarEntry(TarEntryType.Directory, "tmp/"));
        }

        using var compressed = new MemoryStream();
        using (var gzip = new GZipStream(compressed, CompressionLevel.Fastest, leaveOpen: true))
        {
            gzip.Write(tar.ToArray());
        }

        return (compressed.ToArray(), tar.ToArray());
    }

    private string Add(string mediaType, byte[] content)
    {
        var digest = Digest(content);
        _content[digest] = (content, mediaType);
        return digest;
    }

    private object Describe(string mediaType, byte[] content) => new { mediaType, digest = Add(mediaType, content), size = content.Length };

    private IResult Answer(HttpContext context, string? path)
    {
        if (path is null or "")
        {
            return Results.Ok();
        }

        var parts = path.Split('/');
        var reference = parts[^1];
        if (parts[^2] == "manifests" && _pushed.TryGetValue($"{string.Join('/', parts[..^2])}:{reference}", out var pushed))
        {
            reference = pushed;
        }
        else if (parts[^2] == "manifests" && parts[0] == "dotnet" && !reference.StartsWith("sha256:", StringComparison.Ordinal))
        {
            lock (Asked)
            {
                Asked.Add($"{string.Join('/', parts[..^2])}:{reference}");
            }

            reference = _index;
        }

        if (!_content.TryGetValue(reference, out var found))
        {
            return Results.NotFound();
        }

        context.Response.Headers["Docker-Content-Digest"] = reference;
        return Results.Bytes(found.Content, found.MediaType);
    }

    private IResult Begin(HttpContext context, string path)
    {
        var upload = Guid.NewGuid().ToString("N");
        _uploads[upload] = new MemoryStream();
        context.Response.Headers.Location = $"/v2/{path.TrimEnd('/')}/{upload}";
        return Results.StatusCode(StatusCodes.Status202Accepted);
    }

    private async Task<IResult> GoOnAsync(HttpContext context, string path)
    {
        var upload = _uploads[path.Split('/')[^1]];
        await context.Request.Body.CopyToAsync(upload);
        context.Response.Headers.Location = $"/v2/{path}";
        context.Response.Headers.Range = $"0-{upload.Length - 1}";
        return Results.StatusCode(StatusCodes.Status202Accepted);
    }

    private async Task<IResult> FinishAsync(HttpContext context, string path)
    {
        var parts = path.Split('/');
        var isManifest = parts[^2] == "manifests";
        var body = isManifest ? new MemoryStream() : _uploads[parts[^1]];
        await context.Request.Body.CopyToAsync(body);
        var digest = Add(isManifest ? context.Request.ContentType! : "application/octet-stream", body.ToArray());
        if (isManifest)
        {
            _pushed[$"{string.Join('/', parts[..^2])}:{parts[^1]}"] = digest;
        }
        else if (digest != context.Request.Query["digest"])
        {
            return Results.BadRequest();
        }

        context.Response.Headers.Location = $"/v2/{path}";
        context.Response.Headers["Docker-Content-Digest"] = digest;
        return Results.StatusCode(StatusCodes.Status201Created);
    }
}
