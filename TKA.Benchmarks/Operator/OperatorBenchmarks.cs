using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using k8s.Models;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using TKA.Benchmarks.Cluster;
using TKA.Contracts;
using TKA.Contracts.Operator;
using TKA.Contracts.Sessions;
using TKA.Kubernetes;
using TKA.Kubernetes.Caching;
using TKA.Kubernetes.Client;
using TKA.Kubernetes.Sessions;
using TKA.Operator;
using TKA.Operator.Sessions;
using TKA.Operator.Tokens;

namespace TKA.Benchmarks.Operator;

/// <summary>
/// Figures of the operator as deployed, with leader election and Events, against an embedded cluster in another process on the same
/// machine: what one login costs beside the bare requests, and what 10,000 sessions cost to start, to keep, to take up again after a
/// restart, and to end all at once.
/// </summary>
internal static class OperatorBenchmarks
{
    private const string Sessions = TkaSigninResource.DefaultSessionsNamespace;
    private const int Logins = 300;
    private const int Lagging = 300;

    private static readonly TimeSpan Validity = TimeSpan.FromHours(1);
    private static readonly TimeSpan RestartBeforeDue = TimeSpan.FromSeconds(30);
    private static readonly RequestCounter Requests = new();

    public static async Task RunAsync(int count)
    {
        Requests.Reset();
        using var cluster = await ClusterProcess.StartAsync();
        using var transport = new KubernetesTransport(new KubernetesClientOptions { Kubeconfig = await cluster.KubeconfigForAsync("tka-api") });
        var signins = new ResourceClient<TkaSignin>(transport, ResourceTypes.TkaSignins, Sessions);
        var operatorKubeconfig = await cluster.KubeconfigForAsync("tka-operator");

        var app = await StartAsync(operatorKubeconfig, TimeSpan.Zero);
        await LoginLatencyAsync(cluster, signins, app);
        await EventsWrittenAsync();
        var before = Memory();
        var due = await ProvisionAsync(signins, app, count);
        await EventsWrittenAsync();
        Print("memory per session", $"{(Memory() - before) / 1024.0 / count:F1} KB");
        await IdleAsync();
        await LagAsync(signins, app);

        await app.StopAsync();
        await app.DisposeAsync();

        // To the second process it is half a minute before the end of them all.
        var shift = due - RestartBeforeDue - TimeProvider.System.GetUtcNow();
        app = await RestartAsync(operatorKubeconfig, shift, count);
        await ExpireAsync(app, due - shift);
        await app.StopAsync();
        await app.DisposeAsync();
    }

    private static async Task LoginLatencyAsync(ClusterProcess cluster, ResourceClient<TkaSignin> signins, WebApplication app)
    {
        using var informer = new ResourceInformer<TkaSignin>(signins, new ResourceInformerOptions(), TimeProvider.System, NullLogger<ResourceInformer<TkaSignin>>.Instance);
        await informer.StartAsync(CancellationToken.None);
        await informer.WaitForSyncAsync(CancellationToken.None);
        using var http = new HttpClient(new SocketsHttpHandler { SslOptions = { RemoteCertificateValidationCallback = (_, _, _, _) => true } })
        {
            BaseAddress = app.Services.GetRequiredService<TokenServiceListener>().Uri,
        };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", await cluster.TokenAsync("tka-api", [OperatorRoutes.Audience]));
        using var admin = new KubernetesTransport(new KubernetesClientOptions { Kubeconfig = cluster.AdminKubeconfig });

        List<double> logins = [];
        List<double> bare = [];
        for (var i = 0; i < Logins + 50; i++)
        {
            // Side by side, so that whatever else the machine does meets both.
            var login = await TimeAsync(() => LoginAsync(signins, informer.Cache, http, $"login{i}@example.com"));
            var requests = await TimeAsync(() => BareAsync(admin, $"bare{i}@example.com"));
            if (i >= 50)
            {
                logins.Add(login);
                bare.Add(requests);
            }
        }

        Print("bare five requests in a row", $"p50 {Percentile(bare, 50):F1} ms, p99 {Percentile(bare, 99):F1} ms");
        Print("login to token", $"p50 {Percentile(logins, 50):F1} ms, p99 {Percentile(logins, 99):F1} ms");
        Print("login : bare", $"p50 {Percentile(logins, 50) / Percentile(bare, 50):F2} x");
        await informer.StopAsync(CancellationToken.None);
    }

    private static async Task LoginAsync(ResourceClient<TkaSignin> signins, IResourceCache<TkaSignin> cache, HttpClient http, string login)
    {
        var created = await signins.CreateAsync(Signin(login), CancellationToken.None);
        var ready = await cache.WaitForAsync(ObjectKey.Of(created), signin => signin?.IsReady() == true, CancellationToken.None);
        using var response = await http.PostAsync(
            OperatorRoutes.ForSession(created.Metadata.Name),
            JsonContent.Create(new SessionTokenRequest { Uid = ready!.Metadata.Uid, Username = login }, ContractsJsonContext.Default.SessionTokenRequest));
        response.EnsureSuccessStatusCode();
        await response.Content.ReadAsByteArrayAsync();
    }

    /// <summary>The same five requests with nothing between them. In a namespace the operator does not look at, so that it does not join in.</summary>
    private static async Task BareAsync(KubernetesTransport admin, string login)
    {
        var name = SessionNames.ForLogin(login);
        var elsewhere = new ResourceClient<TkaSignin>(admin, ResourceTypes.TkaSignins, "default");
        var signin = Signin(login);
        signin.Metadata.NamespaceProperty = "default";
        signin.Metadata.Finalizers = null;
        await elsewhere.CreateAsync(signin, CancellationToken.None);
        var accounts = new ResourceClient<V1ServiceAccount>(admin, ResourceTypes.ServiceAccounts, "default");
        await accounts.CreateAsync(new V1ServiceAccount { Metadata = new V1ObjectMeta { Name = name } }, CancellationToken.None);
        var bindings = new ResourceClient<V1ClusterRoleBinding>(admin, ResourceTypes.ClusterRoleBindings);
        await bindings.CreateAsync(
            new V1ClusterRoleBinding
            {
                Metadata = new V1ObjectMeta { Name = name },
                RoleRef = new V1RoleRef { ApiGroup = "rbac.authorization.k8s.io", Kind = "ClusterRole", Name = "view" },
                Subjects = [new Rbacv1Subject { Kind = "ServiceAccount", Name = name, NamespaceProperty = "default" }],
            },
            CancellationToken.None);
        await elsewhere.MergePatchAsync(name, new System.Text.Json.Nodes.JsonObject { ["status"] = new System.Text.Json.Nodes.JsonObject { ["provisioned"] = true } }, "status", CancellationToken.None);
        await accounts.CreateSubresourceAsync(
            name,
            "token",
            new Authenticationv1TokenRequest { Metadata = new V1ObjectMeta(), Spec = new V1TokenRequestSpec { Audiences = [], ExpirationSeconds = 600 } },
            CancellationToken.None);
    }

    private static async Task<DateTimeOffset> ProvisionAsync(ResourceClient<TkaSignin> signins, WebApplication app, int count)
    {
        var cache = app.Services.GetRequiredService<IResourceCache<TkaSignin>>();
        var already = cache.Count;
        var epoch = TimeProvider.System.GetUtcNow();
        var started = Stopwatch.GetTimestamp();
        Requests.Reset();
        await Parallel.ForAsync(0, count, new ParallelOptions { MaxDegreeOfParallelism = 16 }, async (i, cancellationToken) =>
            await signins.CreateAsync(Signin($"user{i}@example.com", epoch), cancellationToken));
        await UntilAsync(() => cache.Count == already + count && cache.List().All(signin => signin.IsReady()));
        var seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        Print($"{count} sessions from create to ready", $"{seconds:F1} s, {count / seconds:F0} /s, {(double)Requests.OfOperator(count) / count:F1} requests of the operator each, and {Requests.Events} Events meanwhile");
        return epoch + Validity;
    }

    private static async Task EventsWrittenAsync()
    {
        var started = Stopwatch.GetTimestamp();
        var last = -1L;
        while (last != Requests.Events)
        {
            last = Requests.Events;
            await Task.Delay(TimeSpan.FromSeconds(1), TimeProvider.System, CancellationToken.None);
        }

        Print("  until the last Event was written", $"{Stopwatch.GetElapsedTime(started).TotalSeconds:F0} s, {last} Events");
    }

    private static async Task IdleAsync()
    {
        using var self = Process.GetCurrentProcess();
        await Task.Delay(TimeSpan.FromSeconds(5), TimeProvider.System, CancellationToken.None);
        self.Refresh();
        var before = self.TotalProcessorTime;
        await Task.Delay(TimeSpan.FromSeconds(20), TimeProvider.System, CancellationToken.None);
        self.Refresh();
        Print("idle CPU", $"{(self.TotalProcessorTime - before).TotalSeconds / 20:P2} of one core");
    }

    /// <summary>Some sessions end, some a second, while all the others live.</summary>
    private static async Task LagAsync(ResourceClient<TkaSignin> signins, WebApplication app)
    {
        var cache = app.Services.GetRequiredService<IResourceCache<TkaSignin>>();
        var already = cache.Count;
        Requests.Reset();
        var first = TimeProvider.System.GetUtcNow() + TimeSpan.FromSeconds(15) - Validity;
        for (var i = 0; i < Lagging; i++)
        {
            await signins.CreateAsync(Signin($"lag{i}@example.com", first + TimeSpan.FromMilliseconds(50 * i)), CancellationToken.None);
        }

        await UntilAsync(() => Requests.Lags.Count == Lagging && cache.Count == already);
        var lags = Requests.Lags.Select(lag => lag * 1000).ToList();
        Print($"lag of {Lagging} sessions ending one after the other", $"p50 {Percentile(lags, 50):F0} ms, p99 {Percentile(lags, 99):F0} ms");
    }

    private static async Task<WebApplication> RestartAsync(string kubeconfig, TimeSpan shift, int count)
    {
        var started = Stopwatch.GetTimestamp();
        Requests.Reset();
        var app = await StartAsync(kubeconfig, shift);
        var leads = Stopwatch.GetElapsedTime(started).TotalSeconds;
        await UntilAsync(() => Requests.Passes >= count);
        Print(
            $"restart with {count} sessions",
            $"ready after {leads:F2} s, all looked at after {Stopwatch.GetElapsedTime(started).TotalSeconds:F2} s, {Requests.Lists} lists, {Requests.Writes} writes");
        return app;
    }

    private static async Task ExpireAsync(WebApplication app, DateTimeOffset due)
    {
        var cache = app.Services.GetRequiredService<IResourceCache<TkaSignin>>();
        var all = cache.Count;
        Requests.Reset();
        await UntilAsync(() => TimeProvider.System.GetUtcNow() >= due);
        var started = Stopwatch.GetTimestamp();
        await UntilAsync(() => cache.Count == 0);
        var seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        Print($"{all} sessions due in the same second until all were gone", $"{seconds:F1} s, {all / seconds:F0} /s, {(double)Requests.Writes / all:F1} requests each, and {Requests.Events} Events meanwhile");
        await EventsWrittenAsync();
    }

    private static async Task<WebApplication> StartAsync(string kubeconfig, TimeSpan shift)
    {
        var time = new ShiftedTime(shift);
        var app = OperatorApplication.Create([], builder =>
        {
            builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
            {
                ["kubernetes:kubeconfig"] = kubeconfig,
                ["operator:tokenService:address"] = "127.0.0.1",
                ["operator:tokenService:port"] = "0",
                ["management:port"] = "0",
            });
            builder.Logging.ClearProviders();
            builder.Services.AddSingleton<TimeProvider>(time);
            builder.Services.Configure<KubernetesClientOptions>(options => options.Handlers.Add(() => new ShiftedDate(time)));
        });
        await app.StartAsync();
        var leader = app.Services.GetRequiredService<SessionLeader>();
        var certificate = app.Services.GetRequiredService<TKA.Operator.Tokens.Certificates.ServerCertificate>();
        await UntilAsync(() => leader.IsLeading && certificate.Current is not null);
        return app;
    }

    private static TkaSignin Signin(string login, DateTimeOffset? asked = null) => new()
    {
        Metadata = new V1ObjectMeta
        {
            Name = SessionNames.ForLogin(login),
            NamespaceProperty = Sessions,
            Finalizers = [TkaSigninResource.Finalizer],
            Annotations = new Dictionary<string, string> { [TkaAnnotations.LastAttemptedSignIn] = UtcTimeConverter.ToText(asked ?? TimeProvider.System.GetUtcNow()) },
        },
        Spec = new TkaSigninSpec { Username = login, Role = "view", ValidityPeriod = "1h", Node = new SigninNode { Name = "laptop", StableId = "n1CNTRL" } },
    };

    private static async Task<double> TimeAsync(Func<Task> action)
    {
        var started = Stopwatch.GetTimestamp();
        await action();
        return Stopwatch.GetElapsedTime(started).TotalMilliseconds;
    }

    private static async Task UntilAsync(Func<bool> condition)
    {
        while (!condition())
        {
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, CancellationToken.None);
        }
    }

    private static long Memory()
    {
        GC.Collect(2, GCCollectionMode.Forced, blocking: true, compacting: true);
        GC.WaitForPendingFinalizers();
        return GC.GetTotalMemory(forceFullCollection: true);
    }

    private static double Percentile(List<double> values, int percent) => values.Order().ElementAt(Math.Min(values.Count - 1, values.Count * percent / 100));

    private static void Print(string what, string figure) => Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{what,-62} {figure}"));
}
