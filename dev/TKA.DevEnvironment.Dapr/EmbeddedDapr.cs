using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using TKA.DevEnvironment.Shared;

namespace TKA.DevEnvironment.Dapr;

/// <summary>
/// Dapr's state API over gRPC, as a sidecar with the component of <see cref="StateStoreKind"/> offers it. Everything else of Dapr
/// answers UNIMPLEMENTED.
/// </summary>
public sealed class EmbeddedDapr : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly StateDatabase _store;

    private EmbeddedDapr(WebApplication app, StateDatabase store, Uri endpoint)
    {
        _app = app;
        _store = store;
        GrpcEndpoint = endpoint;
    }

    /// <summary>Where the gRPC API is served: the value for <c>DAPR_GRPC_ENDPOINT</c>.</summary>
    public Uri GrpcEndpoint { get; }

    /// <summary>Starts serving.</summary>
    /// <exception cref="IOException">A port is taken, or the database cannot be opened.</exception>
    public static async Task<EmbeddedDapr> StartAsync(EmbeddedDaprOptions options, CancellationToken cancellationToken = default)
    {
        var rules = StoreRules.For(options.StateStoreKind);
        var file = options.StateStoreKind is StateStoreKind.Sqlite ? "dapr-state.db" : $"dapr-state-{options.StateStoreKind.ToString().ToLowerInvariant()}.db";
        var store = StateDatabase.Open(Path.Combine(options.DataDirectory, file), rules, options.TimeProvider);
        var app = Build(options, rules, store);
        try
        {
            await app.StartAsync(cancellationToken);
        }
        catch
        {
            await app.DisposeAsync();
            store.Dispose();
            throw;
        }

        return new EmbeddedDapr(app, store, new Uri(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single()));
    }

    /// <summary>Stops serving. The state stays on disk.</summary>
    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
        _store.Dispose();
    }

    private static WebApplication Build(EmbeddedDaprOptions options, StoreRules rules, StateDatabase store)
    {
        // The empty builder ignores the environment, so that ASPNETCORE_URLS and the like do not affect this server.
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;

            // gRPC without TLS is HTTP/2 with prior knowledge, which Kestrel cannot tell from HTTP/1.1 on one port.
            kestrel.Listen(options.Address, options.GrpcPort, listener => listener.Protocols = HttpProtocols.Http2);
        });
        builder.Services.AddRoutingCore();
        builder.Services.AddSingleton<IHostLifetime, NoSignals>();
        builder.Services.AddSingleton(options.LoggerFactory);
        builder.Services.AddLogging();
        builder.Services.AddSingleton(rules);
        builder.Services.AddSingleton(store);
        builder.Services.AddSingleton<DaprStateService>();
        builder.Services.AddGrpc(grpc =>
        {
            // daprd's default limit for a request.
            grpc.MaxReceiveMessageSize = 4 * 1024 * 1024;
            if (options.ApiToken is { } token)
            {
                grpc.Interceptors.Add<ApiTokenInterceptor>(token);
            }

            options.ConfigureGrpc?.Invoke(grpc);
        });
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromSeconds(2));
        var app = builder.Build();
        app.UseRouting();
        app.MapGrpcService<DaprStateService>();
        return app;
    }
}
