using System.Net;
using System.Text.Json.Nodes;
using TKA.Contracts.Rest;
using TKA.Tests.Api.Hostile;
using TKA.Tests.Infrastructure;
using Xunit;
using static TKA.Tests.Orchestrator.Answers;
using static TKA.Tests.Orchestrator.OrchestratorServer;

namespace TKA.Tests.Orchestrator;

/// <summary>What the orchestrator serves beside its API, and to whom it does not.</summary>
public sealed class ServingTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Health_and_metrics_are_on_the_management_port_only()
    {
        await using var server = await StartAsync(Cancellation);
        using var silent = await RawConnection.OpenAsync(server.Uri, Cancellation);
        var closed = silent.ReadToEndAsync();
        using var alice = server.ClientFrom(Alice);
        using var management = new HttpClient { BaseAddress = server.ManagementUri };
        await Eventually.TrueAsync(
            async () => (await management.GetStringAsync("/metrics", Cancellation)).Contains("tka_clusters{", StringComparison.Ordinal), "the clusters are counted");
        Assert.Contains("status=\"ready\"", await management.GetStringAsync("/metrics", Cancellation), StringComparison.Ordinal);
        Assert.Equal("ok", await management.GetStringAsync("/readyz", Cancellation));
        using var metrics = await alice.GetAsync("/metrics", Cancellation);
        Assert.Equal(HttpStatusCode.NotFound, metrics.StatusCode);

        await server.Dapr.DownAsync();
        await Eventually.TrueAsync(
            async () => (await management.GetStringAsync("/readyz?verbose", Cancellation)).Contains("state store", StringComparison.OrdinalIgnoreCase),
            "readiness is degraded, not lost, without the state store",
            TimeSpan.FromSeconds(30));
        using var live = await management.GetAsync("/livez", Cancellation);
        Assert.Equal(HttpStatusCode.OK, live.StatusCode);

        // S9: a connection that says nothing is closed after seconds, not after Kestrel's two minutes.
        Assert.Empty(await closed);
    }

    [Theory]
    [InlineData("evil.example.com", null, 421, "misdirected")]
    [InlineData("tka.tail0dev.ts.net.evil.example.com", null, 421, "misdirected")]
    [InlineData("10.0.0.1", null, 421, "misdirected")]
    [InlineData("tka", "https://evil.example.com", 403, "cross-origin")]
    [InlineData("tka", "null", 403, "cross-origin")]
    [InlineData("tka", null, 200, null)]
    [InlineData("TKA.tail0dev.ts.net", null, 200, null)]
    [InlineData("tka.tail0dev.ts.net:8481", "http://tka.tail0dev.ts.net:8481", 200, null)]
    [InlineData("100.64.0.1", null, 200, null)]
    [InlineData("[fd7a:115c:a1e0:ab12:4843:cd96:6240:1]", null, 200, null)]
    public async Task Web_pages_are_kept_out(string host, string? origin, int status, string? problem)
    {
        await using var server = await StartAsync(Cancellation);
        using var alice = server.ClientFrom(Alice);
        using var request = new HttpRequestMessage(HttpMethod.Get, ApiRoutes.Clusters) { Headers = { Host = host } };
        if (origin is not null)
        {
            request.Headers.Add("Origin", origin);
        }

        using var response = await alice.SendAsync(request, Cancellation);

        await AssertAnswerAsync(response, (HttpStatusCode)status, problem);
    }

    [Fact]
    public async Task There_is_an_OpenAPI_document()
    {
        await using var server = await StartAsync(Cancellation);
        using var alice = server.ClientFrom(Alice);

        var document = await alice.GetStringAsync("/openapi/v1.json", Cancellation);

        OpenApiDocument.MatchApproved(JsonNode.Parse(document)!, "openapi-orchestrator", "TKA.Tests/Orchestrator");
    }
}
