using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using TKA.Contracts.Rest;
using Xunit;

namespace TKA.Tests.Orchestrator;

/// <summary>What every answer of the orchestrator must be.</summary>
internal static class Answers
{
    /// <summary>The status, and for an error the problem of that name with advice.</summary>
    public static async Task<Problem?> AssertAnswerAsync(HttpResponseMessage response, HttpStatusCode status, string? problem)
    {
        Assert.Equal(status, response.StatusCode);
        if (problem is null)
        {
            return null;
        }

        Assert.Equal(new MediaTypeHeaderValue(Problem.MediaType), response.Content.Headers.ContentType);
        var body = await response.Content.ReadFromJsonAsync<Problem>(TestContext.Current.CancellationToken);
        Assert.Equal($"urn:tka:problem:{problem}", body!.Type);
        Assert.NotEmpty(body.Advice);
        Assert.Equal(body.Detail, body.Message);
        return body;
    }
}
