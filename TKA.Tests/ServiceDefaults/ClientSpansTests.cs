using System.Diagnostics;
using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;
using TKA.ServiceDefaults;
using TKA.ServiceDefaults.Telemetry;
using TKA.Tests.EndToEnd;
using TKA.Tests.Infrastructure;
using Xunit;

namespace TKA.Tests.ServiceDefaults;

/// <summary>How the spans of requests that a service sends are exported.</summary>
public sealed class ClientSpansTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_expected_conflict_is_no_error_of_the_trace_and_any_other_refusal_is_one()
    {
        await using var collector = await OtlpCollector.StartAsync();
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Configuration.AddInMemoryCollection(collector.SettingsFor("spans")).AddInMemoryCollection([new("management:port", "0")]);
        builder.WebHost.UseKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        builder.AddServiceDefaults();
        await using var app = builder.Build();
        app.MapPost("/answer/{status:int}", (int status) => Results.StatusCode(status));
        await app.StartAsync(Cancel);
        using var http = new HttpClient { BaseAddress = new Uri(app.Urls.First()) };

        // Requests that belong to no trace are not exported.
        using var parent = new Activity("test") { ActivityTraceFlags = ActivityTraceFlags.Recorded };
        parent.SetIdFormat(ActivityIdFormat.W3C).Start();
        await SendAsync(http, "expected", 409, HttpStatusCode.Conflict);
        await SendAsync(http, "conflict", 409, null);
        await SendAsync(http, "gone", 410, HttpStatusCode.Conflict);

        OtlpCollector.Span[] spans = [];
        await Eventually.TrueAsync(
            () => (spans = [.. collector.Traces.SelectMany(trace => trace).Where(span => span.Attributes.GetValueOrDefault("peer.service") == "test")]).Length == 3,
            "three spans are exported");
        Assert.Equal([("conflict", true), ("expected", false), ("gone", true)], spans.Select(span => (span.Name, span.IsError)).OrderBy(span => span.Name, StringComparer.Ordinal));
        Assert.DoesNotContain("error.type", spans.Single(span => span.Name == "expected").Attributes.Keys);
    }

    private static async Task SendAsync(HttpClient http, string name, int answer, HttpStatusCode? expected)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, $"answer/{answer}");
        ClientSpans.Describe(request, name, "test", expected);
        using var response = await http.SendAsync(request, Cancel);
        Assert.Equal(answer, (int)response.StatusCode);
    }
}
