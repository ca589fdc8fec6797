using System.Collections.Concurrent;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using TKA.Contracts;
using TKA.Contracts.Capabilities;
using TKA.Contracts.Kubeconfig;
using TKA.Contracts.Orchestrator;
using TKA.Contracts.Rest;
using ClusterEntry = TKA.Contracts.Orchestrator.Cluster;

namespace TKA.Tests.Cli;

/// <summary>
/// A server that speaks contract/rest-api.md on a loopback port, with everything a test of the command line needs to go wrong.
/// The real server is what the end-to-end tests use; this one produces the answers that a healthy one never gives.
/// </summary>
internal sealed class FakeTkaServer : IAsyncDisposable
{
    private readonly WebApplication _app;
    private int _tokens;

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

    public CapabilityRule[] Rules { get; set; } =
    [
        new() { Role = "view", Period = TimeSpan.FromHours(8), Priority = 100 },
        new() { Role = "edit", Period = TimeSpan.FromHours(1), Priority = 10, Namespaces = ["team-a"] },
    ];

    public SessionResponse? Session { get; set; }

    /// <summary>Ready when this completes.</summary>
    public Task Ready { get; set; } = Task.CompletedTask;

    /// <summary>Understands <c>Prefer: wait</c>.</summary>
    public bool HonoursWait { get; set; } = true;

    public TimeSpan TokenLifetime { get; set; } = TimeSpan.FromHours(1);

    public string ClusterName { get; set; } = "test-cluster";

    /// <summary>URL of the Kubernetes API in kubeconfigs.</summary>
    public string ClusterServer { get; set; } = "https://127.0.0.1:1";

    public string CaData { get; set; } = "";

    /// <summary>Makes the n-th token.</summary>
    public Func<int, string> Token { get; set; } = number => $"token-{number}";

    public int TokensIssued => _tokens;

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

        switch (route)
        {
            case $"POST {ApiRoutes.Login}":
                await LoginAsync(http);
                break;
            case $"GET {ApiRoutes.Login}":
                await WhenSignedInAsync(http, session => JsonAsync(http, session with { Status = session.Status ?? SessionStatus.Ready }, 200), pending: session => JsonAsync(http, session with { Status = SessionStatus.Pending }, 202));
                break;
            case $"GET {ApiRoutes.Kubeconfig}":
                await WhenReadyAsync(http, async session =>
                {
                    http.Response.ContentType = "application/yaml";
                    http.Response.Headers.CacheControl = "no-store";
                    await http.Response.WriteAsync(Kubeconfig(session));
                });
                break;
            case $"GET {ApiRoutes.Token}":
                await WhenReadyAsync(http, async session =>
                {
                    var end = Clock.GetUtcNow() + TokenLifetime;
                    http.Response.ContentType = "application/json";
                    await http.Response.WriteAsync(JsonSerializer.Serialize(
                        new ExecCredential { Status = new ExecCredentialStatus { Token = NextToken(), ExpirationTimestamp = end < session.Until ? end : session.Until } },
                        ContractsJsonContext.Default.ExecCredential));
                });
                break;
            case $"POST {ApiRoutes.Logout}":
                if (Session is { } ended)
                {
                    Session = null;
                    await JsonAsync(http, ended, 200);
                }
                else
                {
                    await ProblemAsync(http, 404, "You are not signed in.", []);
                }

                break;
            case $"GET {ApiRoutes.Access}":
                await WriteAsync(http, JsonSerializer.Serialize(Access(), ContractsJsonContext.Default.AccessResponse), 200);
                break;
            case $"GET {ApiRoutes.ClusterInfo}":
                await WriteAsync(http, JsonSerializer.Serialize(
                    new ClusterInfo { ServerUrl = ClusterServer, CaData = CaData, Labels = new Dictionary<string, string> { ["env"] = "test" } },
                    ContractsJsonContext.Default.ClusterInfo), 200);
                break;
            case $"GET {ApiRoutes.Sessions}":
                var items = Sessions.Where(item => http.Request.Query["user"] is not { Count: > 0 } user || item.Username == user).ToList();
                var from = int.TryParse(http.Request.Query["continue"], out var start) ? start : 0;
                await WriteAsync(http, JsonSerializer.Serialize(
                    new SessionList { Items = [.. items.Skip(from).Take(2)], Continue = items.Count > from + 2 ? $"{from + 2}" : null },
                    ContractsJsonContext.Default.SessionList), 200);
                break;
            case $"GET {ApiRoutes.Clusters}":
                var selector = http.Request.Query["label_selector"].ToString();
                await WriteAsync(http, JsonSerializer.Serialize(
                    new ClusterList { Items = [.. Clusters.Where(cluster => selector is "" || cluster.Labels.Any(label => $"{label.Key}={label.Value}" == selector))] },
                    ContractsJsonContext.Default.ClusterList), 200);
                break;
            case "GET /openapi/v1.json":
                await WriteAsync(http, """{"openapi":"3.1.1","info":{"title":"TKA","version":"9.8.7"},"paths":{}}""", 200);
                break;
            default:
                if (http.Request.Method == "DELETE" && Sessions.RemoveAll(item => http.Request.Path == $"{ApiRoutes.Sessions}/{item.Name}") > 0)
                {
                    http.Response.StatusCode = 204;
                    break;
                }

                await ProblemAsync(http, 404, "There is no such session.", ["List the sessions with tka sessions."]);
                break;
        }
    }

    private async Task LoginAsync(HttpContext http)
    {
        using var reader = new StreamReader(http.Request.Body);
        var body = await reader.ReadToEndAsync(http.RequestAborted);
        LoginBodies.Enqueue(body);
        var request = body is "" ? new LoginRequest() : JsonSerializer.Deserialize(body, ContractsJsonContext.Default.LoginRequest)!;
        var rule = request.Role is null ? Rules[0] : Rules.FirstOrDefault(candidate => candidate.Role == request.Role);
        if (rule is null)
        {
            await ProblemAsync(http, 403, $"You are not granted the role {request.Role}.", ["tka access lists the roles you may ask for."]);
            return;
        }

        var period = request.Period is null ? rule.Period : GoDuration.Parse(request.Period);
        if (period > rule.Period || period < TimeSpan.FromMinutes(10))
        {
            await ProblemAsync(http, 422, $"The period {request.Period} is not allowed.", [$"Ask for 10m to {GoDuration.Format(rule.Period)}."]);
            return;
        }

        Session = new SessionResponse
        {
            Username = "alice@example.com",
            Role = rule.Role,
            Until = Clock.GetUtcNow() + period,
            Namespaces = rule.Namespaces is [] ? null : rule.Namespaces,
        };
        await JsonAsync(http, Session, 202);
    }

    private async Task WhenSignedInAsync(HttpContext http, Func<SessionResponse, Task> ready, Func<SessionResponse, Task> pending)
    {
        if (Session is not { } session || session.Until <= Clock.GetUtcNow())
        {
            await ProblemAsync(http, 401, "You are not signed in.", ["Sign in with: tka login"]);
        }
        else if (Ready.IsCompleted || session.Status == SessionStatus.Rejected)
        {
            await ready(session);
        }
        else
        {
            http.Response.Headers.RetryAfter = "1";
            await pending(session);
        }
    }

    private async Task WhenReadyAsync(HttpContext http, Func<SessionResponse, Task> ready)
    {
        var prefer = http.Request.Headers["Prefer"].ToString();
        if (HonoursWait && Session is not null && prefer.StartsWith("wait=", StringComparison.Ordinal))
        {
            http.Response.Headers["Preference-Applied"] = prefer;
            if (!Ready.IsCompleted)
            {
                await Task.WhenAny(Ready, Task.Delay(TimeSpan.FromSeconds(int.Parse(prefer[5..], System.Globalization.CultureInfo.InvariantCulture)), TimeProvider.System, http.RequestAborted));
            }
        }

        if (Session is { Status: SessionStatus.Rejected } rejected)
        {
            http.Response.Headers.RetryAfter = "1";
            await JsonAsync(http, rejected, 202);
            return;
        }

        await WhenSignedInAsync(http, ready, session => JsonAsync(http, session, 202));
    }

    private AccessResponse Access() => new()
    {
        Username = "alice@example.com",
        DisplayName = "Alice",
        Node = "laptop-alice",
        Role = Rules[0].Role,
        Period = Rules[0].Period,
        Namespaces = Rules[0].Namespaces,
        Admin = Rules.Any(rule => rule.Admin),
        Rules = [.. Rules.Select((rule, index) => new AccessRule
        {
            Role = rule.Role,
            Period = rule.Period,
            Priority = rule.Priority,
            Namespaces = rule.Namespaces,
            Admin = rule.Admin,
            Wins = index == 0,
            Why = index == 0 ? "highest priority" : "lower priority",
        })],
    };

    private string NextToken() => Token(Interlocked.Increment(ref _tokens));

    private string Kubeconfig(SessionResponse session) => $"""
        apiVersion: v1
        kind: Config
        clusters:
        - name: {ClusterName}
          cluster:
            server: {ClusterServer}
            certificate-authority-data: "{CaData}"
        users:
        - name: tka-user-alice-00000000
          user:
            token: {NextToken()}
        contexts:
        - name: tka-context-alice-00000000
          context:
            cluster: {ClusterName}
            user: tka-user-alice-00000000
        current-context: tka-context-alice-00000000
        # role {session.Role}

        """;

    private static Task JsonAsync(HttpContext http, SessionResponse session, int status) =>
        WriteAsync(http, JsonSerializer.Serialize(session, ContractsJsonContext.Default.SessionResponse), status);

    private static async Task WriteAsync(HttpContext http, string json, int status)
    {
        http.Response.StatusCode = status;
        http.Response.ContentType = "application/json";
        await http.Response.WriteAsync(json);
    }
}
