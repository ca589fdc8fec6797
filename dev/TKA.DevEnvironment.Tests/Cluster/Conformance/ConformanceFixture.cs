using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using TKA.Tests.Infrastructure;
using Xunit;

namespace TKA.DevEnvironment.Tests.Cluster.Conformance;

/// <summary>A cluster for one class of cases, a namespace of its own in it, and plain HTTP as the administrator.</summary>
public sealed class ConformanceFixture : IAsyncLifetime
{
    private TestCluster? _cluster;
    private string? _namespace;

    public TestCluster Cluster => _cluster!;

    public string Namespace => _namespace!;

    /// <summary>A group for the class's own custom resources.</summary>
    public string Group { get; } = $"g{RandomNumberGenerator.GetHexString(8, lowercase: true)}.conformance.test";

    public async ValueTask InitializeAsync()
    {
        _cluster = await TestCluster.StartAsync(CancellationToken.None);
        _namespace = await _cluster.CreateNamespaceAsync("conformance", CancellationToken.None);
    }

    public ValueTask DisposeAsync() => Cluster.DisposeAsync();

    /// <summary>Sends one request.</summary>
    public async Task<Answer> SendAsync(
        HttpMethod method, string path, string? body = null, string contentType = "application/json", string accept = "application/json")
    {
        using var request = Request(method, path, accept);
        if (body is not null)
        {
            request.Content = new StringContent(body, Encoding.UTF8);
            request.Content.Headers.ContentType = MediaTypeHeaderValue.Parse(contentType);
        }

        using var response = await Cluster.Admin.HttpClient.SendAsync(request, TestContext.Current.CancellationToken);
        return new Answer((int)response.StatusCode, await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), response);
    }

    /// <summary>Opens a watch.</summary>
    public async Task<WatchReader> WatchAsync(string path, string accept = "application/json")
    {
        var request = Request(HttpMethod.Get, path + (path.Contains('?', StringComparison.Ordinal) ? "&" : "?") + "watch=true", accept);
        var response = await Cluster.Admin.HttpClient.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);
        Assert.Equal(200, (int)response.StatusCode);
        return new WatchReader(response);
    }

    private HttpRequestMessage Request(HttpMethod method, string path, string accept)
    {
        var request = new HttpRequestMessage(method, new Uri(new Uri(Cluster.Configuration.Host), path));
        request.Headers.TryAddWithoutValidation("Accept", accept);
        request.Headers.UserAgent.ParseAdd("conformance/1.0");
        if (Cluster.Configuration.AccessToken is { Length: > 0 } token)
        {
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        }

        return request;
    }
}

/// <summary>Status and body of a response.</summary>
public sealed record Answer(int Code, string Text, HttpResponseMessage Response)
{
    /// <summary>Body as JSON.</summary>
    public JsonObject Json => JsonNode.Parse(Text)!.AsObject();

    /// <summary>Reason of a Status.</summary>
    public string Reason => (string?)Json["reason"] ?? "";

    /// <summary>Fields at fault.</summary>
    public IReadOnlyList<string> CauseFields =>
        [.. (Json["details"]?["causes"]?.AsArray() ?? []).Select(c => (string?)c!["field"] ?? "")];

    public string Name => (string)Json["metadata"]!["name"]!;

    public string ResourceVersion => (string)Json["metadata"]!["resourceVersion"]!;

    public string Uid => (string)Json["metadata"]!["uid"]!;

    /// <summary>Checks a refusal.</summary>
    public Answer Refused(int code, string reason)
    {
        Assert.True(Code == code, $"expected {code}, got {Code}: {Text}");
        Assert.Equal("Status", (string?)Json["kind"]);
        Assert.Equal("Failure", (string?)Json["status"]);
        Assert.Equal(code, (int)Json["code"]!);
        Assert.Equal(reason, Reason);
        return this;
    }

    /// <summary>Checks success.</summary>
    public Answer Succeeded(int code = 200)
    {
        Assert.True(Code == code, $"expected {code}, got {Code}: {Text}");
        return this;
    }
}

/// <summary>Reads the events of a watch.</summary>
public sealed class WatchReader(HttpResponseMessage response) : IDisposable
{
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(30);
    private StreamReader? _reader;

    /// <summary>The next event; null at the end.</summary>
    public async Task<WatchedEvent?> NextAsync()
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        deadline.CancelAfter(LongestWait);
        _reader ??= new StreamReader(await response.Content.ReadAsStreamAsync(deadline.Token));
        var line = await _reader.ReadLineAsync(deadline.Token);
        return line is null ? null : new WatchedEvent(JsonNode.Parse(line)!.AsObject());
    }

    /// <summary>The next event, which must come.</summary>
    public async Task<WatchedEvent> ExpectAsync(string type, string? name = null)
    {
        var next = await NextAsync();
        Assert.NotNull(next);
        Assert.Equal(type, next.Type);
        if (name is not null)
        {
            Assert.Equal(name, next.Name);
        }

        return next;
    }

    public void Dispose()
    {
        _reader?.Dispose();
        response.Dispose();
    }
}

/// <summary>One event of a watch.</summary>
public sealed record WatchedEvent(JsonObject Json)
{
    public string Type => (string)Json["type"]!;

    public JsonObject Resource => Json["object"]!.AsObject();

    public string Name => (string?)Resource["metadata"]?["name"] ?? "";

    public long ResourceVersion => long.Parse((string)Resource["metadata"]!["resourceVersion"]!, System.Globalization.CultureInfo.InvariantCulture);
}
