using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using k8s;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using TKA.Api;
using TKA.Contracts.Operator;
using TKA.Contracts.Rest;
using TKA.Contracts.Sessions;
using TKA.DevEnvironment.Tailnet;
using TKA.Kubernetes.Caching;
using TKA.Kubernetes.Sessions;
using TKA.Operator;
using TKA.Operator.Sessions.Events;
using TKA.Operator.Tokens;

namespace TKA.Benchmarks.Api;

/// <summary>Tailnet, operator and API in this process beside a cluster in another, each over real sockets and under its own rights, with many people.</summary>
internal sealed class ApiBenchmarkStack : IAsyncDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("tka-bench-").FullName;
    private readonly InstalledCluster _installed;
    private EmbeddedTailnet? _tailnet;
    private WebApplication? _operator;
    private WebApplication? _api;
    private Uri _apiUri = new("http://127.0.0.1:1");

    private ApiBenchmarkStack(InstalledCluster installed) => _installed = installed;

    /// <summary>Events that the operator has not written yet.</summary>
    public int PendingEvents => _operator!.Services.GetRequiredService<EventRecorder>().Pending;

    /// <summary>A client of the cluster with every right.</summary>
    public IKubernetes Admin => _installed.Admin;

    /// <summary>A client with the rights of TKA's API: the admission policies let nothing else create a TkaSignin.</summary>
    public async Task<IKubernetes> ApiClientAsync() => _installed.ClientWith(await _installed.TokenAsync("tka-api", []));

    /// <summary>Waits until there are so many sessions and all are ready.</summary>
    public async Task ReadyAsync(int count)
    {
        var cache = _operator!.Services.GetRequiredService<IResourceCache<TkaSignin>>();
        while (cache.Count != count || !cache.List().All(signin => signin.IsReady()))
        {
            await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System, CancellationToken.None);
        }
    }

    /// <summary>Waits for the operator to have written the Events of what was done so far.</summary>
    public async Task EventsWrittenAsync()
    {
        while (PendingEvents > 0)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System, CancellationToken.None);
        }
    }

    public static async Task<ApiBenchmarkStack> StartAsync(int people)
    {
        var stack = new ApiBenchmarkStack(await InstalledCluster.StartAsync(InstalledCluster.RealKubeconfig));
        await stack.StartTailnetAsync(people);
        await stack.StartOperatorAsync();
        await stack.StartApiAsync();
        // A run that failed may have left sessions behind.
        await stack.CleanUpAsync(people);
        return stack;
    }

    /// <summary>One person signs in and gets a kubeconfig, on a new connection, as a CLI would.</summary>
    public async Task LoginAsync(int person)
    {
        using var http = ClientOf(person);
        using var login = await http.PostAsync(ApiRoutes.Login, null);
        await ExpectAsync(login, HttpStatusCode.Accepted);
        using var request = new HttpRequestMessage(HttpMethod.Get, ApiRoutes.Kubeconfig);
        request.Headers.Add("Prefer", "wait=30");
        request.Headers.Add("Accept", "application/yaml");
        using var kubeconfig = await http.SendAsync(request);
        await ExpectAsync(kubeconfig, HttpStatusCode.OK);
        await kubeconfig.Content.ReadAsByteArrayAsync();
    }

    /// <summary>One person with a session signs in again and gets a token, as the exec plugin does near a token's end.</summary>
    public async Task RenewAsync(int person)
    {
        using var http = ClientOf(person);
        using var login = await http.PostAsync(ApiRoutes.Login, null);
        await ExpectAsync(login, HttpStatusCode.Accepted);
        using var request = new HttpRequestMessage(HttpMethod.Get, ApiRoutes.Token);
        request.Headers.Add("Prefer", "wait=30");
        using var token = await http.SendAsync(request);
        await ExpectAsync(token, HttpStatusCode.OK);
        await token.Content.ReadAsByteArrayAsync();
    }

    /// <summary>Ends all sessions and removes what the floor made; returns when the cluster is as it was.</summary>
    public async Task CleanUpAsync(Floor floor, int people)
    {
        await floor.CleanUpAsync();
        await CleanUpAsync(people);
    }

    /// <summary>Ends all sessions; returns when the cluster is as it was.</summary>
    public async Task CleanUpAsync(int people)
    {
        var cache = _api!.Services.GetRequiredService<IResourceCache<TkaSignin>>();
        int[] signedIn = [.. Enumerable.Range(0, people).Where(IsKnown)];
        foreach (var person in signedIn)
        {
            using var http = ClientOf(person);
            using var logout = await http.PostAsync(ApiRoutes.Logout, null);
        }

        while (signedIn.Any(IsKnown))
        {
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, CancellationToken.None);
        }

        bool IsKnown(int person) => cache.Get(new("tka-sessions", SessionNames.ForLogin(Devices.Login(person)))) is not null;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var app in new[] { _api, _operator })
        {
            if (app is not null)
            {
                await app.StopAsync();
                await app.DisposeAsync();
            }
        }

        if (_tailnet is not null)
        {
            await _tailnet.DisposeAsync();
        }

        _installed.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    /// <summary>One request that must be answered 200.</summary>
    public static async Task GetAsync(HttpClient http, string path)
    {
        using var response = await http.GetAsync(path);
        await ExpectAsync(response, HttpStatusCode.OK);
    }

    /// <summary>A client on a person's device.</summary>
    public HttpClient ClientOf(int person) => Devices.ClientOf(person, _apiUri);

    /// <summary>A Kubernetes client with a new token of a person's session.</summary>
    public async Task<IKubernetes> KubernetesOfAsync(int person)
    {
        using var http = ClientOf(person);
        var credential = JsonNode.Parse(await http.GetStringAsync(ApiRoutes.Token))!;
        return _installed.ClientWith((string)credential["status"]!["token"]!);
    }

    private static async Task ExpectAsync(HttpResponseMessage response, HttpStatusCode status)
    {
        if (response.StatusCode != status)
        {
            throw new InvalidOperationException($"{(int)response.StatusCode}: {await response.Content.ReadAsStringAsync()}");
        }
    }

    private async Task StartTailnetAsync(int people)
    {
        var path = Path.Combine(_directory, "policy.hujson");
        await File.WriteAllTextAsync(path, Devices.Policy(people, "8h"));
        _tailnet = await EmbeddedTailnet.StartAsync(new EmbeddedTailnetOptions { SocketPath = Path.Combine(_directory, "tailscaled.sock"), PolicyPath = path });
    }

    private async Task StartOperatorAsync()
    {
        var kubeconfig = await KubeconfigAsync("tka-operator");
        _operator = OperatorApplication.Create([], builder => Configure(builder, new()
        {
            ["kubernetes:kubeconfig"] = kubeconfig,
            ["operator:tokenService:address"] = "127.0.0.1",
            ["operator:tokenService:port"] = "0",
            ["operator:tokenService:burst"] = "10000",
            ["operator:tokenService:perMinute"] = "60000",
        }));
        await _operator.StartAsync();
        await RunningService.WaitForReadyAsync(_operator);
    }

    private async Task StartApiAsync()
    {
        var ca = await _installed.Admin.CoreV1.ReadNamespacedConfigMapAsync("tka-operator-ca", "tka-system");
        var settings = new Dictionary<string, string?>
        {
            ["tailscale:socket"] = _tailnet!.SocketPath,
            ["tailscale:port"] = "0",
            ["kubernetes:kubeconfig"] = await KubeconfigAsync("tka-api"),
            ["operator:tokenService:url"] = _operator!.Services.GetRequiredService<TokenServiceListener>().Uri.ToString(),
            ["operator:tokenService:caFile"] = Write("ca.crt", ca.Data["ca.crt"]),
            ["operator:tokenService:tokenFile"] = Write("api-token", await _installed.TokenAsync("tka-api", [OperatorRoutes.Audience])),
            ["clusterInfo:apiEndpoint"] = _installed.Uri.ToString(),
            ["api:rateLimit:permitsPerMinute"] = "0",
            ["api:upstreamTimeout"] = "20s",
            ["operator:tokenService:timeout"] = "20s",
            ["clusterInfo:caData"] = Convert.ToBase64String(Encoding.UTF8.GetBytes(_installed.CaPem)),
        };
        _api = ApiApplication.Create([], builder => Configure(builder, settings));
        await _api.StartAsync();
        await RunningService.WaitForReadyAsync(_api);
        _apiUri = RunningService.AddressOf(_api);
    }

    private static void Configure(WebApplicationBuilder builder, Dictionary<string, string?> settings)
    {
        // Production formats its log lines too; here they go nowhere.
        builder.Logging.ClearProviders().AddProvider(new DiscardingLoggerProvider());
        builder.Configuration.AddInMemoryCollection(settings);
        builder.Configuration.AddInMemoryCollection([new("management:address", "127.0.0.1"), new("management:port", "0")]);
    }

    private async Task<string> KubeconfigAsync(string serviceAccount) =>
        Write($"{serviceAccount}.kubeconfig", await _installed.KubeconfigAsync(serviceAccount, _installed.Uri));

    private string Write(string name, string text)
    {
        var path = Path.Combine(_directory, name);
        File.WriteAllText(path, text);
        return path;
    }
}
