using System.Reflection;
using Microsoft.AspNetCore.Http.Metadata;
using TKA.Api.Problems;
using TKA.Contracts;
using TKA.Contracts.Rest;

namespace TKA.Api.Endpoints;

/// <summary>The answer to <c>all=true</c>.</summary>
internal sealed class OwnSessions(OwnSessionList list) : IResult, IStatusCodeHttpResult, IEndpointMetadataProvider
{
    public int? StatusCode => StatusCodes.Status200OK;

    /// <summary>Whether the caller means all sessions and not one.</summary>
    /// <exception cref="ApiProblemException">400: both are named.</exception>
    public static bool AreMeant(string? role, bool? all) =>
        all != true ? false
        : string.IsNullOrEmpty(role) ? true
        : throw new ApiProblemException(StatusProblems.For(StatusCodes.Status400BadRequest) with { Detail = "role and all=true exclude each other: name one session or mean all." });

    public Task ExecuteAsync(HttpContext httpContext) =>
        httpContext.Response.WriteAsJsonAsync(list, ContractsJsonContext.Default.OwnSessionList, cancellationToken: httpContext.RequestAborted);

    public static void PopulateMetadata(MethodInfo method, EndpointBuilder builder) =>
        builder.Metadata.Add(new AlternativeFormat(StatusCodes.Status200OK, "application/json", typeof(OwnSessionList)));
}
