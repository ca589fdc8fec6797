using System.Reflection;
using System.Text;
using Microsoft.AspNetCore.Http.Metadata;
using TKA.Api.Http;
using TKA.Api.Kubeconfig;
using TKA.Contracts.Kubeconfig;

namespace TKA.Api.Endpoints;

/// <summary>A kubeconfig as YAML.</summary>
internal sealed class YamlKubeconfig(KubeconfigDocument document) : IResult, IStatusCodeHttpResult, IEndpointMetadataProvider
{
    public int? StatusCode => StatusCodes.Status200OK;

    public Task ExecuteAsync(HttpContext httpContext)
    {
        var body = Encoding.UTF8.GetBytes(KubeconfigYaml.Write(document));
        httpContext.Response.ContentType = KubeconfigFormat.Yaml;
        httpContext.Response.ContentLength = body.Length;
        return httpContext.Response.Body.WriteAsync(body, httpContext.RequestAborted).AsTask();
    }

    public static void PopulateMetadata(MethodInfo method, EndpointBuilder builder) =>
        builder.Metadata.Add(new AlternativeFormat(StatusCodes.Status200OK, KubeconfigFormat.Yaml, typeof(KubeconfigDocument)));
}

/// <summary>
/// A second format of an answer, for the OpenAPI document: the framework keeps one type for each status.
/// </summary>
/// <param name="Status">Status of the answer.</param>
/// <param name="MediaType">Media type of the second format.</param>
/// <param name="Type">Type of its content.</param>
internal sealed record AlternativeFormat(int Status, string MediaType, Type Type);
