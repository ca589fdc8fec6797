using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using k8s;
using k8s.Models;
using TKA.Contracts;
using TKA.Contracts.Rest;
using TKA.Tests.Infrastructure;
using Xunit;

namespace TKA.Tests.Api.Endpoints;

/// <summary>Issue 2's loop through real HTTP: login, kubeconfig, use it, logout, and the token is dead.</summary>
public class WholeLoopTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Login_gives_a_kubeconfig_that_works_and_logout_takes_it_away()
    {
        await using var stack = await TkaStack.StartAsync(Cancel);
        var alice = stack.From("127.0.0.1");

        using var login = await alice.PostAsync(ApiRoutes.Login, null, Cancel);
        Assert.Equal(HttpStatusCode.Accepted, login.StatusCode);
        var session = await login.Content.ReadFromJsonAsync(ContractsJsonContext.Default.SessionResponse, Cancel);
        Assert.Equal(("alice@example.com", "view"), (session!.Username, session.Role));

        using var request = new HttpRequestMessage(HttpMethod.Get, ApiRoutes.Kubeconfig);
        request.Headers.Add("Prefer", "wait=20");
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("application/yaml"));
        using var answer = await alice.SendAsync(request, Cancel);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal("application/yaml", answer.Content.Headers.ContentType?.MediaType);
        Assert.True(answer.Headers.CacheControl?.NoStore);

        using var stream = await answer.Content.ReadAsStreamAsync(Cancel);
        using var kubectl = new k8s.Kubernetes(KubernetesClientConfiguration.BuildConfigFromConfigFile(stream));
        var pods = await kubectl.CoreV1.ListPodForAllNamespacesAsync(cancellationToken: Cancel);
        Assert.NotNull(pods.Items);
        var refused = await Assert.ThrowsAsync<k8s.Autorest.HttpOperationException>(() =>
            kubectl.CoreV1.CreateNamespacedConfigMapAsync(new V1ConfigMap { Metadata = new V1ObjectMeta { Name = "x" } }, "default", cancellationToken: Cancel));
        Assert.Equal(HttpStatusCode.Forbidden, refused.Response.StatusCode);

        using var status = await alice.GetAsync(ApiRoutes.Login, Cancel);
        Assert.Equal(HttpStatusCode.OK, status.StatusCode);

        using var logout = await alice.PostAsync(ApiRoutes.Logout, null, Cancel);
        Assert.Equal(HttpStatusCode.OK, logout.StatusCode);
        using var after = await alice.GetAsync(ApiRoutes.Login, Cancel);
        Assert.Equal(HttpStatusCode.Unauthorized, after.StatusCode);
        await Eventually.TrueAsync(async () =>
        {
            try
            {
                await kubectl.CoreV1.ListPodForAllNamespacesAsync(cancellationToken: Cancel);
                return false;
            }
            catch (k8s.Autorest.HttpOperationException exception)
            {
                return exception.Response.StatusCode == HttpStatusCode.Unauthorized;
            }
        });
    }

    [Fact]
    public async Task One_login_costs_the_cluster_five_requests()
    {
        await using var stack = await TkaStack.StartAsync(Cancel);
        var alice = stack.From("127.0.0.1");
        stack.ApiRequests.Clear();
        stack.OperatorRequests.Clear();

        using var login = await alice.PostAsync(ApiRoutes.Login, null, Cancel);
        using var request = new HttpRequestMessage(HttpMethod.Get, ApiRoutes.Token);
        request.Headers.Add("Prefer", "wait=20");
        using var token = await alice.SendAsync(request, Cancel);

        Assert.Equal(HttpStatusCode.OK, token.StatusCode);
        Assert.Equal(["POST tkasignins"], stack.ApiRequests.Requests);
        Assert.DoesNotContain(stack.OperatorRequests.Requests, sent => sent.StartsWith("GET", StringComparison.Ordinal));
        Assert.Equal(4, stack.OperatorRequests.Writes.Count(sent => !sent.Contains("events", StringComparison.Ordinal) && !sent.Contains("tokenreviews", StringComparison.Ordinal) && !sent.Contains("leases", StringComparison.Ordinal)));
    }
}
