using System.Globalization;
using System.Net;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Time.Testing;
using TKA.Tests.Infrastructure;
using Xunit;
using static TKA.Tests.Orchestrator.OrchestratorServer;

namespace TKA.Tests.Orchestrator;

/// <summary>Clusters that have not registered are found by the tag of their nodes, and what a node answers is not believed for more than it is.</summary>
public sealed class DiscoveryTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Tagged_nodes_are_asked_and_listed_until_they_register()
    {
        await using var two = await ClusterApi.StartAsync(TkaTwo, "two", Cancellation);
        await using var three = await ClusterApi.StartAsync(TkaThree, "three", Cancellation, port: two.Port);
        await using var server = await StartAsync(two.Port);
        using var alice = server.ClientFrom(Alice);

        await Eventually.TrueAsync(async () => (await ListAsync(alice, Cancellation)).Count == 2, "both are found");
        Assert.All(await ListAsync(alice, Cancellation), cluster => Assert.Equal("tailnet", cluster.Source));
        using var created = await two.RegisterAsync(server, Cancellation);
        Assert.Equal(HttpStatusCode.Created, created.StatusCode);
        Assert.Equal([("three", "tailnet"), ("two", "registered")], (await ListAsync(alice, Cancellation)).Select(cluster => (cluster.Name, cluster.Source)));
    }

    [Fact]
    public async Task A_name_that_a_registered_cluster_holds_is_not_given_to_a_node_that_claims_it()
    {
        await using var liar = await ClusterApi.StartAsync(TkaTwo, "three", Cancellation, "another");
        await using var three = await ClusterApi.StartAsync(TkaThree, "three", Cancellation, port: liar.Port);
        await using var server = await StartAsync(liar.Port);
        using var alice = server.ClientFrom(Alice);
        using var created = await three.RegisterAsync(server, Cancellation);
        await server.Services.GetServices<IHostedService>().OfType<TKA.Orchestrator.Discovery.TailnetDiscovery>().Single().FindAsync(Cancellation);

        Assert.Equal([("three", "registered", three.Port)], (await ListAsync(alice, Cancellation)).Select(cluster => (cluster.Name, cluster.Source, new Uri(cluster.TkaEndpoint).Port)));
    }

    [Fact]
    public async Task An_answer_is_good_for_a_minute()
    {
        var time = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        await using var two = await ClusterApi.StartAsync(TkaTwo, "two", Cancellation);
        await using var server = await OrchestratorServer.StartAsync(
            Cancellation, time, new() { ["orchestrator:clusterPort"] = two.Port.ToString(CultureInfo.InvariantCulture) });
        using var alice = server.ClientFrom(Alice);
        await Eventually.TrueAsync(async () => (await ListAsync(alice, Cancellation)).Count == 1, "the node is found");
        time.Advance(TimeSpan.FromSeconds(55));
        await server.Services.GetServices<IHostedService>().OfType<TKA.Orchestrator.Discovery.TailnetDiscovery>().Single().FindAsync(Cancellation);
        Assert.Equal(1, two.Asked);

        await Eventually.TrueAsync(
            () =>
            {
                time.Advance(TimeSpan.FromSeconds(1));
                return two.Asked >= 2;
            },
            "it is asked again");
    }

    [Fact]
    public async Task Of_two_nodes_that_claim_one_name_one_is_listed_and_the_other_told_of()
    {
        await using var two = await ClusterApi.StartAsync(TkaTwo, "prod", Cancellation, "one");
        await using var three = await ClusterApi.StartAsync(TkaThree, "prod", Cancellation, "another", two.Port);
        await using var server = await StartAsync(two.Port);
        using var alice = server.ClientFrom(Alice);

        await Eventually.TrueAsync(async () => await ListAsync(alice, Cancellation) is [{ Conflict: not null }], "both have been asked");
    }

    [Fact]
    public async Task A_node_that_is_online_before_its_API_is_found_within_seconds()
    {
        var time = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        var logs = new LogCollector();
        var port = FixedPorts.Next();
        await using var server = await OrchestratorServer.StartAsync(
            Cancellation, time, new() { ["orchestrator:clusterPort"] = port.ToString(CultureInfo.InvariantCulture) }, logs: logs);
        using var alice = server.ClientFrom(Alice);
        await Eventually.TrueAsync(() => logs.Lines.Any(line => line.Message.Contains("tka-two", StringComparison.Ordinal)), "the node does not answer yet");
        await using var two = await ClusterApi.StartAsync(TkaTwo, "two", Cancellation, port: port);

        var seconds = 0;
        await Eventually.TrueAsync(
            async () =>
            {
                if (++seconds <= 20)
                {
                    time.Advance(TimeSpan.FromSeconds(1));
                }

                return (await ListAsync(alice, Cancellation)).Count == 1;
            },
            "the node is asked again");
    }

    [Theory]
    [InlineData("hangs")]
    [InlineData("redirects")]
    [InlineData("sends 100 MB")]
    [InlineData("sends no JSON")]
    [InlineData("names no DNS label")]
    [InlineData("points to http")]
    [InlineData("is no TKA")]
    [InlineData("answers null")]
    [InlineData("leaves the address out")]
    [InlineData("has no address")]
    [InlineData("has labels without values")]
    [InlineData("has a CA that is none")]
    public async Task What_is_no_honest_answer_is_not_listed_and_delays_nobody(string lie)
    {
        await using var elsewhere = await ClusterApi.StartAsync("127.0.0.77", "elsewhere", Cancellation);
        await using var liar = await ClusterApi.StartAsync(TkaTwo, "two", Cancellation);
        await using var honest = await ClusterApi.StartAsync(TkaThree, "three", Cancellation, port: liar.Port);
        liar.Info = lie switch
        {
            "names no DNS label" => liar.Info with { Name = "../etc" },
            "points to http" => liar.Info with { ServerUrl = "http://169.254.169.254/latest" },
            _ => liar.Info,
        };
        liar.Answer = lie switch
        {
            "hangs" => context => Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, context.RequestAborted),
            "redirects" => context => Redirect(context, elsewhere.Port),
            "sends 100 MB" => SendMuchAsync,
            "sends no JSON" => context => context.Response.WriteAsync("<html>"),
            "is no TKA" => NotFound,
            "answers null" => context => context.Response.WriteAsync("null"),
            "leaves the address out" => context => context.Response.WriteAsync("""{"name":"two"}"""),
            "has no address" => context => context.Response.WriteAsync("""{"name":"two","server_url":null,"ca_data":null,"labels":null,"installation_id":null,"description":null}"""),
            "has labels without values" => context => context.Response.WriteAsync("""{"name":"two","server_url":"https://two","labels":{"env":null}}"""),
            "has a CA that is none" => context => context.Response.WriteAsync("""{"name":"two","server_url":"https://two","ca_data":"<CA>"}"""),
            _ => null,
        };
        await using var server = await StartAsync(liar.Port);
        using var alice = server.ClientFrom(Alice);

        await Eventually.TrueAsync(async () => (await ListAsync(alice, Cancellation)).Count > 0, "the honest one is found");

        Assert.Equal("three", Assert.Single(await ListAsync(alice, Cancellation)).Name);
        Assert.True(liar.Asked >= 1);
        Assert.Equal(0, elsewhere.Asked);
    }

    private static Task Redirect(HttpContext context, int port)
    {
        context.Response.Redirect(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.77:{port}{TKA.Contracts.Rest.ApiRoutes.ClusterInfo}"));
        return Task.CompletedTask;
    }

    private static Task NotFound(HttpContext context)
    {
        context.Response.StatusCode = 404;
        return Task.CompletedTask;
    }

    private static async Task SendMuchAsync(HttpContext context)
    {
        for (var i = 0; i < 100; i++)
        {
            await context.Response.Body.WriteAsync(new byte[1 << 20], context.RequestAborted);
        }
    }

    private static Task<OrchestratorServer> StartAsync(int port) =>
        OrchestratorServer.StartAsync(Cancellation, settings: new() { ["orchestrator:clusterPort"] = port.ToString(CultureInfo.InvariantCulture) });
}
