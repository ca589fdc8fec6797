using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using TKA.Contracts;
using TKA.Contracts.Rest;
using Xunit;

namespace TKA.Tests.Infrastructure;

/// <summary>An answer of the API, read to its end.</summary>
public sealed record ApiReply(HttpStatusCode Status, HttpResponseHeaders Headers, MediaTypeHeaderValue? ContentType, string Body)
{
    /// <summary>The problem; fails when it is not a complete one.</summary>
    public Problem Problem
    {
        get
        {
            Assert.Equal(Problem.MediaType, ContentType?.MediaType);
            var problem = Read(ContractsJsonContext.Default.Problem);
            Assert.Equal((int)Status, problem.Status);
            Assert.False(string.IsNullOrEmpty(problem.Type));
            Assert.False(string.IsNullOrEmpty(problem.Title));
            Assert.Equal(problem.Detail, problem.Message);
            Assert.NotEmpty(problem.Message);
            Assert.NotEmpty(problem.Advice);
            Assert.NotNull(problem.TraceId);
            Assert.StartsWith("/", problem.Instance, StringComparison.Ordinal);
            return problem;
        }
    }

    /// <summary>Last part of the problem's type.</summary>
    public string Kind => Problem.Type!.Split(':')[^1];

    /// <summary>The session.</summary>
    public SessionResponse Session => Read(ContractsJsonContext.Default.SessionResponse);

    /// <summary>The body as a document.</summary>
    public T Read<T>(JsonTypeInfo<T> type) => JsonSerializer.Deserialize(Body, type)!;

    /// <summary>Fails, showing the body, unless the status is this.</summary>
    public ApiReply Expect(HttpStatusCode status)
    {
        Assert.True(Status == status, $"{(int)Status} in place of {(int)status}: {Body}");
        return this;
    }

    /// <summary>See above.</summary>
    public ApiReply Expect(int status) => Expect((HttpStatusCode)status);
}

/// <summary>Requests to the API.</summary>
public static class ApiClientExtensions
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <summary>Sends a request and reads the answer.</summary>
    public static async Task<ApiReply> CallAsync(
        this HttpClient client, HttpMethod method, string path, string? json = null, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(method, path);
        if (json is not null)
        {
            request.Content = new StringContent(json, Encoding.UTF8, "application/json");
        }

        foreach (var (name, value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        using var response = await client.SendAsync(request, Cancel);
        var body = await response.Content.ReadAsStringAsync(Cancel);
        return new ApiReply(response.StatusCode, response.Headers, response.Content.Headers.ContentType, body);
    }

    /// <summary><c>POST /login</c>.</summary>
    public static Task<ApiReply> LoginAsync(this HttpClient client, string? json = null) => client.CallAsync(HttpMethod.Post, ApiRoutes.Login, json);

    /// <summary><c>POST /logout</c>.</summary>
    public static Task<ApiReply> LogoutAsync(this HttpClient client) => client.CallAsync(HttpMethod.Post, ApiRoutes.Logout);

    /// <summary><c>GET</c>, holding a not-yet answer for a number of seconds if given.</summary>
    public static Task<ApiReply> GetAsync(this HttpClient client, string path, int? wait, params (string Name, string Value)[] headers) =>
        client.CallAsync(HttpMethod.Get, path, null, wait is { } seconds ? [("Prefer", $"wait={seconds}"), .. headers] : headers);

    /// <summary>Signs in and waits until the session is ready.</summary>
    public static async Task<SessionResponse> SignInAsync(this HttpClient client, string? json = null)
    {
        (await client.LoginAsync(json)).Expect(HttpStatusCode.Accepted);
        return (await client.GetAsync(ApiRoutes.Login, wait: 20)).Expect(HttpStatusCode.OK).Session;
    }
}
