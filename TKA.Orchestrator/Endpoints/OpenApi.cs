using Microsoft.OpenApi;
using Scalar.AspNetCore;
using TKA.Contracts.Rest;
using TKA.ServiceDefaults.Http;

namespace TKA.Orchestrator.Endpoints;

/// <summary>The OpenAPI document and its page.</summary>
internal static class OpenApi
{
    public static void AddTkaOpenApi(this IServiceCollection services) => services.AddOpenApi("v1", options =>
    {
        options.OpenApiVersion = OpenApiSpecVersion.OpenApi3_1;
        options.AddDocumentTransformer((document, _, _) =>
        {
            document.Info = new OpenApiInfo
            {
                Title = "TKA orchestrator",
                Version = "v1alpha1",
                Description = "The registry of clusters. The caller is whoever tailscaled says is at the other end of the connection.",
                License = new OpenApiLicense { Name = "Apache-2.0", Identifier = "Apache-2.0" },
            };

            // The address a document was asked at is the caller's to choose.
            document.Servers = [new OpenApiServer { Url = "/", Description = "This server" }];
            return Task.CompletedTask;
        });
    });

    public static void MapTkaOpenApi(this IEndpointRouteBuilder routes)
    {
        routes.MapOpenApi("/openapi/{documentName}.json").AllowAnonymous();
        routes.MapOpenApi("/openapi/{documentName}.yaml").AsYaml().AllowAnonymous();
        routes.MapScalarApiReference("/scalar", options => options
            .WithTitle("TKA orchestrator")
            .DisableDefaultFonts()
            .HideClientButton()
            .DisableAgent()
            .DisableMcp()
            .DisableTelemetry()
            .HideDeveloperTools()).AllowAnonymous();
    }

    public static TBuilder ProducesTkaProblem<TBuilder>(this TBuilder builder, int status)
        where TBuilder : IEndpointConventionBuilder =>
        builder.WithMetadata(new ProducesResponseTypeMetadata(status, typeof(Problem), [Problem.MediaType]));
}
