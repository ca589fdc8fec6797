using Microsoft.AspNetCore.Builder;

namespace TKA.ServiceDefaults.Http;

/// <summary>The registered media type of YAML (RFC 9512) for OpenAPI documents, which ASP.NET Core serves as <c>text/plain+yaml</c>.</summary>
public static class YamlDocuments
{
    /// <summary>Answers of these endpoints are <c>application/yaml</c>.</summary>
    /// <param name="builder">The endpoints.</param>
    public static TBuilder AsYaml<TBuilder>(this TBuilder builder)
        where TBuilder : IEndpointConventionBuilder
    {
        builder.Finally(static endpoint =>
        {
            var serve = endpoint.RequestDelegate!;
            endpoint.RequestDelegate = context =>
            {
                context.Response.OnStarting(() =>
                {
                    context.Response.ContentType = "application/yaml";
                    return Task.CompletedTask;
                });
                return serve(context);
            };
        });
        return builder;
    }
}
