using System.Collections.Concurrent;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using TKA.Contracts;
using TKA.Contracts.Capabilities;
using TKA.Contracts.Rest;
using ClusterEntry = TKA.Contracts.Orchestrator.Cluster;

namespace TKA.Tests.Cli;

/// <summary>
/// A server that speaks contract/rest-api.md on a loopback port, with everything a test of the command line needs to go wrong.
/// The real server is what the end-to-end tests use; this one produces the answers that a healthy one never gives.
/// </summary>
internal sealed partial class FakeTkaServer : IAsyncDisposable
{
    private readonly WebApplication _app;

    private FakeTkaServer(WebApplication app) => _app = app;

    public Uri Url { get; private set; } = null!;

    /// <summary>Requests as "METHOD /path?query", in order.</summary>
    public ConcurrentQueue<string> Requests { get; } = [];

    /// <summary>Header <c>traceparent</c> of each request.</summary>
    public ConcurrentQueue<string> TraceParents { get; } = [];

    /// <summary>Bodies of POST /login.</summary>
    public ConcurrentQueue<string> LoginBodies { get; } = [];

    /// <summary>Answers instead of the normal one, when it returns true for a request.</summary>
    public Func<HttpContext, Task<bool>>? Intercept { get; set; }

    public TimeProvider Clock { get; set; } = TimeProvider.System;

    /// <summary>Who the device belongs to.</summary>
    public string Person { get; set; } = "alice@example.com";

    public CapabilityRule[] Rules { get; set; } =
    [
        new() { Role = "view", Period = TimeSpan.FromHours(8), Priority = 100 },
        new() { Role = "edit", Period = TimeSpan.FromHours(1), Priority = 10, Namespaces = ["team-a"] },
        new() { Role = "tka-admin", Period = TimeSpan.FromHours(1), Priority = 5 },
    ];

    /// <summary>The base session.</summary>
    public SessionResponse? Session { get; set; }

    /// <summary>Sessions beside the base session, by role.</summary>
    public ConcurrentDictionary<string, SessionResponse> Beside { get; } = [];

    /// <summary>Knows one session per person, no roles and no periods, like the Go TKA.</summary>
    public bool IsGo { get; set; }

    /// <summary>A server of a later version: every object that it answers has a member that this version does not know.</summary>
    public bool IsLater { get; set; }

    /// <summary>Ready when this completes.</summary>
    public Task Ready { get; set; } = Task.CompletedTask;

    /// <summary>Understands <c>Prefer: wait</c>.</summary>
    public bool HonoursWait { get; set; } = true;

    public TimeSpan TokenLifetime { get; set; } = TimeSpan.FromHours(1);

    public string ClusterName { get; set; } = "name-the-server-gives-itself";

    /// <summary>Which cluster <c>/cluster-info</c> says that this server serves; null: a Go TKA, which does not say.</summary>
    public string? InfoName { get; set; }

    /// <summary>URL of the Kubernetes API in kubeconfigs.</summary>
    public string ClusterServer { get; set; } = "https://127.0.0.1:1";

    public string CaData { get; set; } = "";

    /// <summary>Makes the n-th token.</summary>
    public Func<int, string> Token { get; set; } = number => $"token-{number}";

    public int TokensIssued { get; private set; }

    public List<ClusterEntry> Clusters { get; } = [];

    public List<SessionItem> Sessions { get; } = [];

    public static async Task<FakeTkaServer> StartAsync(CancellationToken cancellationToken, int port = 0)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls($"http://127.0.0.1:{port}");
        var app = builder.Build();
        var server = new FakeTkaServer(app);
        app.Run(server.HandleAsync);
        await app.StartAsync(cancellationToken);
        server.Url = new Uri(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());
        return server;
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    /// <summary>A session that began before the test, as a server answers with it.</summary>
    public SessionResponse MakeSession(string role = "view", TimeSpan? period = null, bool isBase = true) => new()
    {
        Username = Person,
        Role = role,
        Until = Clock.GetUtcNow() + (period ?? TimeSpan.FromHours(8)),
        IsBase = isBase,
    };

    public static async Task<bool> ProblemAsync(HttpContext http, int status, string message, string[] advice, string? traceId = "0af7651916cd43dd8448eb211c80319c", Problem? cause = null)
    {
        http.Response.StatusCode = status;
        http.Response.ContentType = Problem.MediaType;
        await http.Response.WriteAsync(JsonSerializer.Serialize(
            new Problem { Type = "about:blank", Title = "Problem", Status = status, Detail = message, Message = message, Advice = advice, TraceId = traceId, Cause = cause },
            ContractsJsonContext.Default.Problem));
        return true;
    }

    private async Task HandleAsync(HttpContext http)
    {
        var route = $"{http.Request.Method} {http.Request.Path}";
        Requests.Enqueue(route + http.Request.QueryString);
        TraceParents.Enqueue(http.Request.Headers.TraceParent.ToString());
        if (Intercept is { } intercept && await intercept(http))
        {
            return;
        }

        await (route switch
        {
            $"POST {ApiRoutes.Login}" => LoginAsync(http),
            $"GET {ApiRoutes.Login}" => LoginStatusAsync(http),
            $"GET {ApiRoutes.Kubeconfig}" => WhenReadyAsync(http, _ => WriteAsync(http, Kubeconfig(), 200)),
            $"GET {ApiRoutes.Token}" when !IsGo => WhenReadyAsync(http, session => WriteAsync(http, ExecCredential(session), 200)),
            $"POST {ApiRoutes.Logout}" => LogoutAsync(http),
            $"GET {ApiRoutes.Access}" when !IsGo => WriteAsync(http, JsonSerializer.Serialize(Access(), ContractsJsonContext.Default.AccessResponse), 200),
            _ => OtherAsync(http, route),
        });
    }

    private Task JsonAsync(HttpContext http, SessionResponse session, int status) =>
        WriteAsync(http, JsonSerializer.Serialize(session, ContractsJsonContext.Default.SessionResponse), status);

    private async Task WriteAsync(HttpContext http, string json, int status)
    {
        http.Response.StatusCode = status;
        http.Response.ContentType = "application/json";
        await http.Response.WriteAsync(IsLater ? Extended(JsonNode.Parse(json)!).ToJsonString() : json);
    }

    private static JsonNode Extended(JsonNode node)
    {
        foreach (var child in node is JsonObject map ? map.Select(pair => pair.Value).OfType<JsonNode>().ToArray() : [.. (node as JsonArray)?.OfType<JsonNode>() ?? []])
        {
            Extended(child);
        }

        // These are dictionaries, whose keys are names.
        if (node is JsonObject thing && thing.GetPath().Split('.')[^1] is not ("labels" or "clusters" or "users" or "contexts"))
        {
            thing["later"] = new JsonObject { ["known"] = new JsonArray("not", "yet") };
        }

        return node;
    }
}
