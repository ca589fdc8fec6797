using Microsoft.AspNetCore.Http;
using TKA.Contracts;
using TKA.Contracts.Rest;

namespace TKA.Web.Serving;

/// <summary>The answer of <c>/</c> to programs.</summary>
public static class IndexLinks
{
    /// <summary>Where the API and its description are. Tells nothing that the sources do not, so no identity is asked for.</summary>
    /// <param name="title">Name of the service.</param>
    /// <param name="api">Base path of its API.</param>
    public static IResult Answer(string title, string api) =>
        TypedResults.Json(
            new ServiceIndex
            {
                Title = title,
                Api = api,
                OpenApi = "/openapi/v1.json",
                OpenApiYaml = "/openapi/v1.yaml",
                Scalar = "/scalar",
            },
            ContractsJsonContext.Default.ServiceIndex);
}
