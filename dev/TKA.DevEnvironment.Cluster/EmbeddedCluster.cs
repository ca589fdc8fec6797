using Microsoft.AspNetCore.Server.Kestrel.Core;
using TKA.DevEnvironment.Shared;

namespace TKA.DevEnvironment.Cluster;

/// <summary>
/// A Kubernetes API server in this process: a faithful subset of 1.36, over HTTPS on 127.0.0.1, with everything in memory. Where it
/// supports something it behaves as a real cluster does; what it does not support it refuses.
/// </summary>
public sealed class EmbeddedCluster : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly ClusterRuntime _runtime;
    private readonly ClusterCertificates _certificates;

    private EmbeddedCluster(WebApplication app, ClusterRuntime runtime, ClusterCertificates certificates)
    {
        _app = app;
        _runtime = runtime;
        _certificates = certificates;
        Uri = new Uri(app.Urls.First());
        AdminKubeconfig = Kubeconfig.Write(Uri, CaPem, "kubernetes-admin", runtime.AdminToken);
    }

    /// <summary>Address, for example <c>https://127.0.0.1:8494</c>.</summary>
    public Uri Uri { get; }

    /// <summary>Certificate of the CA that signed the server's certificate, PEM.</summary>
    public string CaPem => _certificates.CaPem;

    /// <summary>A kubeconfig with every right, as YAML. A secret.</summary>
    public string AdminKubeconfig { get; }

    /// <summary>Bearer token with every right. A secret.</summary>
    public string AdminToken => _runtime.AdminToken;

    /// <summary>Watches being served now. Tests check that none leaks.</summary>
    public int ActiveWatches => _runtime.Watches.Active;

    /// <summary>The parts of the server, for tests.</summary>
    internal ClusterRuntime Runtime => _runtime;

    /// <summary>Starts a cluster and returns when it answers.</summary>
    /// <exception cref="IOException">The port is taken.</exception>
    public static async Task<EmbeddedCluster> StartAsync(EmbeddedClusterOptions options, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(options);
        var certificates = new ClusterCertificates(options.Address);
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { ApplicationName = "tka-embedded-cluster" });
        builder.Logging.ClearProviders();
        options.ConfigureLogging?.Invoke(builder.Logging);
        builder.Services.AddSingleton<IHostLifetime, NoSignals>();
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            // Far above the limit of the cluster itself, so that a client with a somewhat too large body gets a Status.
            kestrel.Limits.MaxRequestBodySize = 16L * BodyReader.Limit;
            kestrel.Limits.MaxConcurrentConnections = null;
            kestrel.Limits.Http2.MaxStreamsPerConnection = 1000;
            kestrel.Limits.MinResponseDataRate = null;
            kestrel.Listen(options.Address, options.Port, listen =>
            {
                listen.Protocols = HttpProtocols.Http1AndHttp2;
                listen.UseHttps(certificates.Server);
            });
        });

        var app = builder.Build();
        ClusterRuntime? runtime = null;
        try
        {
            runtime = new ClusterRuntime(options, certificates.CaPem, app.Services.GetRequiredService<ILoggerFactory>());
            app.Run(runtime.Server.HandleAsync);
            runtime.Start();
            await app.StartAsync(cancellationToken);
            return new EmbeddedCluster(app, runtime, certificates);
        }
        catch
        {
            if (runtime is not null)
            {
                await runtime.DisposeAsync();
            }

            await app.DisposeAsync();
            certificates.Dispose();
            throw;
        }
    }

    /// <summary>Creates the objects of a YAML stream, or changes those that exist to what it says.</summary>
    /// <exception cref="InvalidOperationException">An object was refused; the message says which and why.</exception>
    public Task ApplyAsync(string yaml, CancellationToken cancellationToken) => ForEachAsync(yaml, _runtime.Objects.Apply, cancellationToken);

    /// <summary>
    /// Stores sample objects with their status: the only way to have Pods and other kinds that a real cluster runs and this one does not.
    /// </summary>
    /// <exception cref="InvalidOperationException">An object was refused; the message says which and why.</exception>
    public Task SeedAsync(string yaml, CancellationToken cancellationToken) => ForEachAsync(yaml, _runtime.Objects.Seed, cancellationToken);

    private static Task ForEachAsync(string yaml, Action<JsonObject> store, CancellationToken cancellationToken)
    {
        foreach (var document in YamlJson.ParseAll(yaml))
        {
            cancellationToken.ThrowIfCancellationRequested();
            var obj = document as JsonObject ?? throw new InvalidOperationException("a document is not an object");
            try
            {
                store(obj);
            }
            catch (StatusException exception)
            {
                throw new InvalidOperationException($"{obj.Text("kind")} {obj.Child("metadata").Text("name")}: {exception.Message}", exception);
            }
        }

        return Task.CompletedTask;
    }

    /// <summary>Drops the history: watches and lists at older resource versions answer 410 Gone, as after etcd's compaction.</summary>
    public void Compact() => _runtime.Store.Compact();

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _runtime.DisposeAsync();
        using (var soon = new CancellationTokenSource(TimeSpan.FromSeconds(2)))
        {
            await _app.StopAsync(soon.Token);
        }

        await _app.DisposeAsync();
        _certificates.Dispose();
    }
}
