using Microsoft.AspNetCore.Http.HttpResults;
using TKA.Api.ClusterInformation;
using TKA.Api.Http;
using TKA.Api.Kubeconfig;
using TKA.Api.Sessions;
using TKA.Contracts.Kubeconfig;
using TKA.Contracts.Rest;
using TKA.Tailscale;
using TKA.Tailscale.Authorization;

namespace TKA.Api.Endpoints;

/// <summary>What a signed-in person uses <c>kubectl</c> with.</summary>
internal static class CredentialApi
{
    /// <summary>Maps <c>/kubeconfig</c> and <c>/token</c>.</summary>
    public static RouteGroupBuilder MapCredentialApi(this RouteGroupBuilder api)
    {
        api.MapGet("/kubeconfig", KubeconfigAsync)
            .RequireAuthorization(TailscalePolicies.AnyRule)
            .CanWait()
            .WithName("GetKubeconfig")
            .WithTags(Tags.Credential)
            .WithSummary("Get a kubeconfig of your session")
            .WithDescription("JSON in client-go's internal form, or YAML as kubectl reads it for Accept: application/yaml. Holds a token: keep it to yourself. Of your base session, or with role of the session of that role.")
            .ProducesProblems(400, 401, 403, 409);
        api.MapGet("/token", TokenAsync)
            .RequireAuthorization(TailscalePolicies.AnyRule)
            .CanWait()
            .WithName("GetToken")
            .WithTags(Tags.Credential)
            .WithSummary("Get a token of your session")
            .WithDescription("An ExecCredential, as kubectl expects it of a credential plugin. Of your base session, or with role of the session of that role.")
            .ProducesProblems(400, 401, 403, 409);
        return api;
    }

    private static async Task<Results<Ok<KubeconfigMaps>, YamlKubeconfig, Accepted<SessionResponse>>> KubeconfigAsync(
        HttpContext context,
        Credentials credentials,
        IClusterInfoSource clusterInfo,
        KubeconfigFactory factory,
        NotReady notReady,
        string? role,
        CancellationToken cancellationToken)
    {
        var yaml = KubeconfigFormat.PrefersYaml(context.Request.Headers.Accept);
        context.Response.Headers.Vary = "Accept, Prefer";

        // Asked first: without it a token would be minted for a file that cannot be written.
        var cluster = await clusterInfo.GetAsync(cancellationToken);
        var credential = await credentials.IssueAsync(context.GetTailscalePeer(), role, PreferWait.Apply(context), cancellationToken);
        if (credential.Token is null)
        {
            return notReady.Answer(context, credential.Session);
        }

        NoStore(context);
        var document = factory.Create(credential.Session, cluster, credential.Token);
        return yaml ? new YamlKubeconfig(document) : TypedResults.Ok(document.ToMaps());
    }

    private static async Task<Results<Ok<ExecCredential>, Accepted<SessionResponse>>> TokenAsync(
        HttpContext context, Credentials credentials, NotReady notReady, string? role, CancellationToken cancellationToken)
    {
        var credential = await credentials.IssueAsync(context.GetTailscalePeer(), role, PreferWait.Apply(context), cancellationToken);
        if (credential.Token is null)
        {
            return notReady.Answer(context, credential.Session);
        }

        NoStore(context);
        return TypedResults.Ok(new ExecCredential
        {
            Status = new ExecCredentialStatus { Token = credential.Token, ExpirationTimestamp = credential.Expires },
        });
    }

    private static void NoStore(HttpContext context) => context.Response.Headers.CacheControl = "no-store";
}
