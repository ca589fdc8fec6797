using System.Net;
using TKA.Contracts.Rest;
using TKA.Tests.Infrastructure;
using Xunit;

namespace TKA.Tests.Health;

/// <summary>
/// Every request of the API to the cluster and to the operator, refused for ever with every status: it is repeated ever less often, people
/// hear of it, nothing is an unexpected error, and it heals by itself (case S1 for the API).
/// </summary>
public sealed class ApiRefusalTests(ApiScene scene, ITestOutputHelper output) : IClassFixture<ApiScene>
{
    private const int PerMinute = 60;
    private const int Uses = 20;

    [Theory]
    [InlineData(400)]
    [InlineData(403)]
    [InlineData(409)]
    [InlineData(422)]
    [InlineData(429)]
    [InlineData(500)]
    [InlineData(504)]
    public async Task What_is_refused_for_ever_is_bounded_told_and_heals(int status)
    {
        try
        {
            await scene.StartAsync(new ApiFault(new FaultRow($"{status}", 0, "", "", "", "")));
            scene.Status = (HttpStatusCode)status;
            await scene.Person.SignInAsync();
            await ClusterRefusesAsync();
            await OperatorRefusesAsync(status);
            Assert.Empty(scene.Errors);
        }
        finally
        {
            await scene.StopAsync();
        }
    }

    /// <summary>The cluster refuses every request of the API, and watches that were open end.</summary>
    private async Task ClusterRefusesAsync()
    {
        scene.RefusedToApi = static _ => true;
        scene.Stack.KubernetesProxy.Cut();
        var began = scene.Now;
        scene.ForgetRequests();
        var uses = 0;
        await scene.UntilAsync(
            async () =>
            {
                if (uses < Uses && scene.Now - began > TimeSpan.FromSeconds(uses * 2))
                {
                    uses++;
                    var reply = await (uses % 2 == 0 ? scene.Person.LogoutAsync() : scene.Person.LoginAsync("""{"role":"view","period":"20m"}"""));
                    Assert.True((int)reply.Status is >= 400 and < 600 && reply.Problem.Advice.Count > 0, reply.Body);
                }

                return scene.Now - began > TimeSpan.FromSeconds(100);
            },
            "a hundred seconds");
        var counts = scene.Requests.CountBy(request => (Minute: (int)(request.At - began).TotalMinutes, request.Line)).OrderByDescending(count => count.Value).ToArray();
        output.WriteLine(string.Join('\n', counts.Take(6)));

        // A person's own requests cause a few each: a write and, where it conflicts, what reads afresh and tries again.
        Assert.All(counts, count => Assert.InRange(count.Value, 0, PerMinute + (count.Key.Minute == 0 ? Uses * 4 : 0)));

        scene.RefusedToApi = null;
        await scene.UntilAsync(async () => (await scene.Person.LoginAsync()).Status is HttpStatusCode.OK or HttpStatusCode.Accepted, "a login");
    }

    /// <summary>The operator answers each request for a token with a status: asked again in its own time, not without end.</summary>
    private async Task OperatorRefusesAsync(int status)
    {
        await scene.UntilAsync(async () => (await scene.Person.GetAsync(ApiRoutes.Token, wait: null)).Status == HttpStatusCode.OK, "a token");
        scene.OperatorStatus = status;
        var before = scene.OperatorAsked;
        var reply = await scene.Person.GetAsync(ApiRoutes.Token, wait: 3);
        output.WriteLine($"operator {status}: {(int)reply.Status} after {scene.OperatorAsked - before} requests");
        var told = reply.Status is HttpStatusCode.Accepted or HttpStatusCode.ServiceUnavailable or HttpStatusCode.InternalServerError or HttpStatusCode.BadGateway;
        Assert.True(status == (int)HttpStatusCode.TooManyRequests ? reply.Status == HttpStatusCode.TooManyRequests : told, reply.Body);
        Assert.InRange(scene.OperatorAsked - before, 1, 5);
        scene.OperatorStatus = null;
        await scene.UntilAsync(async () => (await scene.Person.GetAsync(ApiRoutes.Token, wait: null)).Status == HttpStatusCode.OK, "a token again");
    }
}
