using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Globalization;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using k8s.Models;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using TKA.Contracts;
using TKA.Contracts.Operator;
using TKA.Contracts.Sessions;
using TKA.Kubernetes;
using TKA.Kubernetes.Caching;
using TKA.Kubernetes.Client;
using TKA.Kubernetes.Signins;
using TKA.Operator;
using TKA.Operator.Sessions;
using TKA.Operator.Tokens;

namespace TKA.Benchmarks.Operator;

/// <summary>
/// Figures of the operator against an embedded cluster in another process on the same machine: what one login costs beside the
/// bare requests, and what 10,000 sessions cost to start, to keep, to take up again after a restart, and to end all at once.
/// </summary>
internal static class OperatorBenchmarks
{
    private const string Sessions = TkaSigninResource.DefaultSessionsNamespace;
    private const int Logins = 300;

    private static readonly RequestCounter Requests = new();

    public static async Task RunAsync(int count)
    {
        using var cluster = await ClusterProcess.StartAsync();
        using var transport = new KubernetesTransport(new KubernetesClientOptions { Kubeconfig = await cluster.KubeconfigForAsync("tka-api") });
        var signins = new ResourceClient<TkaSignin>(transport, ResourceTypes.TkaSignins, Sessions);
        var operatorKubeconfig = await cluster.KubeconfigForAsync("tka-operator");
        var time = new FakeTimeProvider(TimeProvider.System.GetUtcNow());

        var app = await StartAsync(operatorKubeconfig, time);
        await LoginLatencyAsync(cluster, signins, app);
        var before = Memory();
        await ProvisionAsync(signins, app, count);
        Print("memory per session", $"{(Memory() - before) / 1024.0 / count:F1} KB");
        await IdleAsync();

        await app.StopAsync();
        await app.DisposeAsync();
        app = await RestartAsync(operatorKubeconfig, time, count);
        await ExpireAsync(app, time);
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

    private static async Task ProvisionAsync(ResourceClient<TkaSignin> signins, WebApplication app, int count)
    {
        var cache = app.Services.GetRequiredService<IResourceCache<TkaSignin>>();
        var already = cache.Count;
        var started = Stopwatch.GetTimestamp();
        Requests.Reset();
        await Parallel.ForAsync(0, count, new ParallelOptions { MaxDegreeOfParallelism = 16 }, async (i, cancellationToken) =>
            await signins.CreateAsync(Signin($"user{i}@example.com"), cancellationToken));
        await UntilAsync(() => cache.Count == already + count && cache.List().All(signin => signin.IsReady()));
        var seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        Print($"{count} sessions from create to ready", $"{seconds:F1} s, {count / seconds:F0} /s, {(double)Requests.OfOperator(count) / count:F1} requests of the operator each");
    }

    private static async Task IdleAsync()
    {
        using var self = Process.GetCurrentProcess();
        await Task.Delay(TimeSpan.FromSeconds(5), TimeProvider.System, CancellationToken.None);
        self.Refresh();
        var before = self.TotalProcessorTime;
        await Task.Delay(TimeSpan.FromSeconds(10), TimeProvider.System, CancellationToken.None);
        self.Refresh();
        Print("idle CPU", $"{(self.TotalProcessorTime - before).TotalSeconds / 10:P2} of one core");
    }

    private static async Task<WebApplication> RestartAsync(string kubeconfig, FakeTimeProvider time, int count)
    {
        var started = Stopwatch.GetTimestamp();
        Requests.Reset();
        var app = await StartAsync(kubeconfig, time);
        await UntilAsync(() => Requests.Passes >= count);
        Print($"restart with {count} sessions until all were looked at", $"{Stopwatch.GetElapsedTime(started).TotalSeconds:F2} s, {Requests.Lists} lists, {Requests.Writes} writes");
        return app;
    }

    private static async Task ExpireAsync(WebApplication app, FakeTimeProvider time)
    {
        var cache = app.Services.GetRequiredService<IResourceCache<TkaSignin>>();
        var all = cache.Count;
        Requests.Reset();
        var started = Stopwatch.GetTimestamp();

        // One step would also take the lease away, as a suspended machine loses it; that is measured elsewhere.
        for (var second = 0; second <= 3600 && cache.List().Any(signin => time.GetUtcNow() < signin.ValidUntil()); second++)
        {
            time.Advance(TimeSpan.FromSeconds(1));
        }

        await UntilAsync(() => cache.Count == 0);
        var seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        Print($"{all} sessions due in the same second until all were gone", $"{seconds:F1} s, {all / seconds:F0} /s, {(double)Requests.Writes / all:F1} requests each");
    }

    private static async Task<WebApplication> StartAsync(string kubeconfig, TimeProvider time)
    {
        var app = OperatorApplication.Create([], builder =>
        {
            builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
            {
                ["kubernetes:kubeconfig"] = kubeconfig,
                ["operator:tokenService:address"] = "127.0.0.1",
                ["operator:tokenService:port"] = "0",
                ["operator:leaderElection"] = "false",
                ["operator:events"] = "false",
                ["management:port"] = "0",
            });
            builder.Logging.ClearProviders();
            builder.Services.AddSingleton(time);
        });
        await app.StartAsync();
        var controller = app.Services.GetRequiredService<SessionController>();
        var certificate = app.Services.GetRequiredService<TKA.Operator.Tokens.Certificates.ServerCertificate>();
        await UntilAsync(() => controller.IsLeading && certificate.Current is not null);
        return app;
    }

    private static TkaSignin Signin(string login) => new()
    {
        Metadata = new V1ObjectMeta
        {
            Name = SessionNames.ForLogin(login),
            NamespaceProperty = Sessions,
            Finalizers = [TkaSigninResource.Finalizer],
            Annotations = new Dictionary<string, string> { [TkaAnnotations.LastAttemptedSignIn] = UtcTimeConverter.ToText(Epoch) },
        },
        Spec = new TkaSigninSpec { Username = login, Role = "view", ValidityPeriod = "1h", Node = new SigninNode { Name = "laptop", StableId = "n1CNTRL" } },
    };

    /// <summary>All sessions begin, and so end, in the same second.</summary>
    private static DateTimeOffset Epoch { get; } = TimeProvider.System.GetUtcNow();

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

    /// <summary>Counts requests and passes from the operator's own metrics.</summary>
    private sealed class RequestCounter : IDisposable
    {
        private readonly MeterListener _listener = new();
        private long _writes;
        private long _lists;
        private long _passes;

        public RequestCounter()
        {
            _listener.InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Name is "rest_client_requests_total" or "tka_reconcile_total")
                {
                    listener.EnableMeasurementEvents(instrument);
                }
            };
            _listener.SetMeasurementEventCallback<long>(Count);
            _listener.Start();
        }

        public long Writes => Volatile.Read(ref _writes);

        public long Lists => Volatile.Read(ref _lists);

        public long Passes => Volatile.Read(ref _passes);

        /// <summary>Writes without those of this benchmark, which creates each TkaSignin itself.</summary>
        public long OfOperator(int created) => Writes - created;

        public void Reset() => _writes = _lists = _passes = 0;

        public void Dispose() => _listener.Dispose();

        private void Count(Instrument instrument, long value, ReadOnlySpan<KeyValuePair<string, object?>> tags, object? state)
        {
            if (instrument.Name == "tka_reconcile_total")
            {
                Interlocked.Add(ref _passes, value);
                return;
            }

            foreach (var tag in tags)
            {
                if (tag is { Key: "verb", Value: "create" or "patch" or "update" or "delete" })
                {
                    Interlocked.Add(ref _writes, value);
                }
                else if (tag is { Key: "verb", Value: "list" })
                {
                    Interlocked.Add(ref _lists, value);
                }
            }
        }
    }
}
