using Microsoft.Net.Http.Headers;

namespace TKA.DevEnvironment.Cluster.OpenApi;

/// <summary>Serves OpenAPI documents as JSON, with the ETags by which kubectl caches them.</summary>
internal sealed class OpenApiEndpoint(OpenApiDocuments documents)
{
    public const string PathPrefix = "/openapi";

    private const string SwaggerPath = "/openapi/v2";
    private const string SwaggerProtobuf = "application/com.github.proto-openapi.spec.v2@v1.0+protobuf";

    // The form that clients can parse: "@" is not allowed in a media type.
    private const string SwaggerProtobufAnswer = "application/com.github.proto-openapi.spec.v2.v1.0+protobuf";

    /// <summary>
    /// The Swagger document in the only form kubectl takes it in (swagger 1, info 2 with title and version, paths 8): without any
    /// definitions. kubectl asks for it for kinds that cannot be patched, such as TokenReview, and skips its own validation of
    /// kinds that are not in it; the server validates all the same.
    /// </summary>
    private static readonly byte[] EmptySwagger =
        [0x0A, 3, .. "2.0"u8, 0x12, 21, 0x0A, 10, .. "Kubernetes"u8, 0x12, 7, .. "v1.36.0"u8, 0x42, 0];

    /// <summary>Answers <c>/openapi/v2</c>, <c>/openapi/v3</c> and the documents below it.</summary>
    public async Task HandleAsync(HttpContext context)
    {
        var request = context.Request;
        if (!HttpMethods.IsGet(request.Method) && !HttpMethods.IsHead(request.Method))
        {
            throw Statuses.MethodNotAllowed();
        }

        if (request.Path == SwaggerPath)
        {
            await WriteSwaggerAsync(context);
            return;
        }

        var document = (request.Path.Value ?? "").Split('/', StringSplitOptions.RemoveEmptyEntries) switch
        {
            ["openapi", "v3"] => documents.Index(),
            ["openapi", "v3", "api", var version] => documents.GroupVersion("", version),
            ["openapi", "v3", "apis", var group, var version] => documents.GroupVersion(group, version),
            _ => null,
        };
        if (document is null)
        {
            throw Statuses.NoSuchResource();
        }

        if (!AcceptsJson(request))
        {
            throw Statuses.NotAcceptable(MediaTypes.Json);
        }

        var tag = new EntityTagHeaderValue($"\"{document.Hash}\"");
        context.Response.GetTypedHeaders().ETag = tag;
        if (request.GetTypedHeaders().IfNoneMatch.Any(known => known.Compare(tag, useStrongComparison: false)))
        {
            context.Response.StatusCode = StatusCodes.Status304NotModified;
            return;
        }

        await ResponseWriter.WriteBytesAsync(context, StatusCodes.Status200OK, document.Json);
    }

    private static Task WriteSwaggerAsync(HttpContext context) =>
        context.Request.Headers.Accept.ToString().Contains(SwaggerProtobuf, StringComparison.Ordinal)
            ? ResponseWriter.WriteBytesAsync(context, StatusCodes.Status200OK, EmptySwagger, SwaggerProtobufAnswer)
            : throw Statuses.NotAcceptable(SwaggerProtobuf);

    private static bool AcceptsJson(HttpRequest request)
    {
        var accepted = request.Headers.Accept.ToString();
        return accepted.Length == 0 || accepted.Contains(MediaTypes.Json, StringComparison.Ordinal) || accepted.Contains("*/*", StringComparison.Ordinal);
    }
}
