using Microsoft.Extensions.Options;
using TKA.Api.Configuration;
using TKA.Contracts.Rest;

namespace TKA.Api.Endpoints;

/// <summary>Tags of the OpenAPI document.</summary>
internal static class Tags
{
    public const string Session = "Session";
    public const string Credential = "Credential";
    public const string Information = "Information";
    public const string Admin = "Admin";
}

/// <summary>Marks endpoints that honour <c>Prefer: wait=N</c>.</summary>
internal sealed class WaitMetadata
{
    public static readonly WaitMetadata Instance = new();
}

/// <summary>What endpoints have in common.</summary>
internal static class EndpointConventions
{
    // Any request can meet these: unknown host, rate limit, something the server depends on.
    private static readonly int[] Always = [421, 429, 503];

    /// <summary>Documents the problems an endpoint answers with.</summary>
    public static RouteHandlerBuilder ProducesProblems(this RouteHandlerBuilder endpoint, params ReadOnlySpan<int> statuses)
    {
        foreach (var status in (int[])[.. statuses, .. Always])
        {
            endpoint.WithMetadata(new ProducesResponseTypeMetadata(status, typeof(Problem), [Problem.MediaType]));
        }

        return endpoint;
    }

    /// <summary>Lets an answer take as long as <c>Prefer: wait</c> may ask, and the ordinary time beside it.</summary>
    public static RouteHandlerBuilder CanWait(this RouteHandlerBuilder endpoint)
    {
        endpoint.Add(builder =>
        {
            var server = builder.ApplicationServices.GetRequiredService<IOptions<ServerOptions>>().Value;
            builder.Metadata.Add(new Microsoft.AspNetCore.Http.Timeouts.RequestTimeoutPolicy
            {
                Timeout = server.WriteTimeout + TimeSpan.FromSeconds(ApiRoutes.MaxWaitSeconds),
                TimeoutStatusCode = StatusCodes.Status503ServiceUnavailable,
            });
        });
        return endpoint.WithMetadata(WaitMetadata.Instance);
    }
}
