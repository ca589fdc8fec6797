using System.Text.Json.Nodes;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;
using Scalar.AspNetCore;
using TKA.Api.Endpoints;
using TKA.ServiceDefaults.Http;

namespace TKA.Api.OpenApi;

/// <summary>The OpenAPI 3.1 document and its page.</summary>
internal static class OpenApiSetup
{
    /// <summary>Name of the document, as in <c>/openapi/v1.json</c>.</summary>
    public const string DocumentName = "v1";

    /// <summary>Adds the document.</summary>
    public static IServiceCollection AddTkaOpenApi(this IServiceCollection services) =>
        services.AddOpenApi(DocumentName, options =>
        {
            options.OpenApiVersion = OpenApiSpecVersion.OpenApi3_1;
            options.AddDocumentTransformer(static (document, _, _) =>
            {
                Describe(document);
                return Task.CompletedTask;
            });
            options.AddSchemaTransformer(static (schema, context, _) =>
            {
                CorrectSchema(schema, context);
                return Task.CompletedTask;
            });
            options.AddOperationTransformer(static async (operation, context, cancellationToken) =>
            {
                DescribeHeaders(operation, context);
                await DescribeFormatsAsync(operation, context, cancellationToken);
            });
        });

    /// <summary>Maps <c>/openapi/v1.json</c>, <c>/openapi/v1.yaml</c> and <c>/scalar</c>. They tell nothing that the sources do not.</summary>
    public static void MapTkaOpenApi(this IEndpointRouteBuilder app)
    {
        app.MapOpenApi("/openapi/{documentName}.json").AllowAnonymous();
        app.MapOpenApi("/openapi/{documentName}.yaml").AsYaml().AllowAnonymous();
        app.MapScalarApiReference("/scalar", options => options
            .WithTitle("TKA")
            .WithOpenApiRoutePattern("/openapi/{documentName}.json")
            .DisableDefaultFonts()
            .HideClientButton()
            .DisableAgent()
            .DisableMcp()
            .DisableTelemetry()
            .HideDeveloperTools()).AllowAnonymous();
    }

    private static void Describe(OpenApiDocument document)
    {
        document.Info = new OpenApiInfo
        {
            Title = "TKA",
            Version = "v1alpha1",
            Description = "Signs people of a tailnet in to a Kubernetes cluster. No credential travels in a request: the server asks tailscaled who is at the other end of the connection.",
            License = new OpenApiLicense { Name = "Apache-2.0", Identifier = "Apache-2.0" },
        };

        // The address a document was asked at is the caller's to choose, and nothing to write down.
        document.Servers = [new OpenApiServer { Url = "/", Description = "This server" }];
    }

    /// <summary>The exporter cannot see into types with a converter of TKA's, and would describe them as any value.</summary>
    private static void CorrectSchema(OpenApiSchema schema, OpenApiSchemaTransformerContext context)
    {
        var type = Nullable.GetUnderlyingType(context.JsonTypeInfo.Type) ?? context.JsonTypeInfo.Type;
        if (type == typeof(TimeSpan))
        {
            schema.Type = JsonSchemaType.String;
            schema.Format = null;
            schema.Pattern = @"^-?([0-9]+(\.[0-9]+)?(ns|us|µs|ms|s|m|h))+$";
            schema.Description ??= "Go duration.";
            schema.Examples = [JsonValue.Create("8h0m0s")];
        }
        else if (type == typeof(DateTimeOffset))
        {
            schema.Type = JsonSchemaType.String;
            schema.Format = "date-time";
        }
    }

    private static void DescribeHeaders(OpenApiOperation operation, OpenApiOperationTransformerContext context)
    {
        var waits = context.Description.ActionDescriptor.EndpointMetadata.OfType<WaitMetadata>().Any();
        if (waits)
        {
            operation.Parameters ??= [];
            operation.Parameters.Add(new OpenApiParameter
            {
                Name = "Prefer",
                In = ParameterLocation.Header,
                Description = "wait=N (RFC 7240) holds a not-yet answer until ready or N seconds, at most 30.",
                Schema = new OpenApiSchema { Type = JsonSchemaType.String, Examples = [JsonValue.Create("wait=30")] },
            });
        }

        foreach (var (status, response) in operation.Responses ?? [])
        {
            if (response is not OpenApiResponse concrete)
            {
                continue;
            }

            concrete.Headers ??= new Dictionary<string, IOpenApiHeader>();
            if (status is "429" or "503" || (status == "202" && waits))
            {
                concrete.Headers["Retry-After"] = Header("Seconds to wait before the next try.", JsonSchemaType.Integer);
            }

            if (waits && status is "200" or "202")
            {
                concrete.Headers["Preference-Applied"] = Header("The wait that was honoured.", JsonSchemaType.String);
            }
        }
    }

    private static async Task DescribeFormatsAsync(
        OpenApiOperation operation, OpenApiOperationTransformerContext context, CancellationToken cancellationToken)
    {
        foreach (var format in context.Description.ActionDescriptor.EndpointMetadata.OfType<AlternativeFormat>())
        {
            var status = format.Status.ToString(System.Globalization.CultureInfo.InvariantCulture);
            if (operation.Responses?[status] is OpenApiResponse { Content: { } content })
            {
                var schema = await context.GetOrCreateSchemaAsync(format.Type, null, cancellationToken);
                content[format.MediaType] = new OpenApiMediaType
                {
                    Schema = content.TryGetValue(format.MediaType, out var first) ? new OpenApiSchema { OneOf = [first.Schema!, schema] } : schema,
                };
            }
        }
    }

    private static OpenApiHeader Header(string description, JsonSchemaType type) =>
        new() { Description = description, Schema = new OpenApiSchema { Type = type } };
}
