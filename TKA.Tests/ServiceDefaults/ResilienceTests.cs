using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using TKA.ServiceDefaults;
using Xunit;

namespace TKA.Tests.ServiceDefaults;

public sealed class ResilienceTests
{
    [Theory]
    [InlineData("GET", 2)]
    [InlineData("POST", 1)]
    [InlineData("PUT", 1)]
    [InlineData("PATCH", 1)]
    [InlineData("DELETE", 1)]
    public async Task Only_safe_methods_are_tried_again(string method, int attempts)
    {
        var handler = new FailsOnce();
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.AddServiceDefaults();
        builder.Services.AddHttpClient("test").ConfigurePrimaryHttpMessageHandler(() => handler);
        await using var services = builder.Services.BuildServiceProvider();
        var client = services.GetRequiredService<IHttpClientFactory>().CreateClient("test");

        using var request = new HttpRequestMessage(new HttpMethod(method), "http://127.0.0.1/");
        using var response = await client.SendAsync(request, TestContext.Current.CancellationToken);

        Assert.Equal(attempts, handler.Attempts);
        Assert.Equal(attempts == 1 ? HttpStatusCode.ServiceUnavailable : HttpStatusCode.OK, response.StatusCode);
    }

    private sealed class FailsOnce : HttpMessageHandler
    {
        public int Attempts { get; private set; }

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var response = new HttpResponseMessage(Attempts++ == 0 ? HttpStatusCode.ServiceUnavailable : HttpStatusCode.OK);
            // Otherwise the standard pipeline waits two seconds before it tries again.
            response.Headers.RetryAfter = new System.Net.Http.Headers.RetryConditionHeaderValue(TimeSpan.Zero);
            return Task.FromResult(response);
        }
    }
}
