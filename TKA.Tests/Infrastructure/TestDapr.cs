using Dapr.Client;
using Grpc.AspNetCore.Server;
using Grpc.Core;
using Grpc.Core.Interceptors;
using TKA.DevEnvironment.Dapr;

namespace TKA.Tests.Infrastructure;

/// <summary>An embedded Dapr in a temporary directory that can be taken away, brought back at the same address, failed and slowed.</summary>
public sealed class TestDapr : IAsyncDisposable
{
    /// <summary>Name of its state store component.</summary>
    public const string Store = "statestore";

    private readonly string _directory = Directory.CreateTempSubdirectory("tka-dapr-").FullName;
    private readonly TimeProvider _time;
    private readonly StateStoreKind _kind;
    private EmbeddedDapr? _dapr;

    private TestDapr(TimeProvider time, StateStoreKind kind) => (_time, _kind) = (time, kind);

    public Uri GrpcEndpoint { get; private set; } = null!;

    /// <summary>What happens to calls.</summary>
    public DaprFaults Faults { get; } = new();

    /// <summary>Starts one.</summary>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <param name="time">Clock of ttlInSeconds; null for the system's.</param>
    /// <param name="kind">The state store component whose behaviour it shows; null for the one that <c>TKA_TEST_STATE_STORE</c> names, else SQLite.</param>
    public static async Task<TestDapr> StartAsync(
        CancellationToken cancellationToken, TimeProvider? time = null, StateStoreKind? kind = null)
    {
        var chosen = kind ?? (Enum.TryParse<StateStoreKind>(Environment.GetEnvironmentVariable("TKA_TEST_STATE_STORE"), ignoreCase: true, out var named) ? named : StateStoreKind.Sqlite);
        var dapr = new TestDapr(time ?? TimeProvider.System, chosen);
        await dapr.UpAsync(cancellationToken);
        return dapr;
    }

    /// <summary>Starts it (again), at the same address and with the state it had.</summary>
    public async Task UpAsync(CancellationToken cancellationToken)
    {
        _dapr = await EmbeddedDapr.StartAsync(
            new EmbeddedDaprOptions
            {
                DataDirectory = _directory,
                GrpcPort = GrpcEndpoint?.Port ?? FixedPorts.Next(),
                StateStoreKind = _kind,
                TimeProvider = _time,
                ConfigureGrpc = ConfigureGrpc,
            },
            cancellationToken);
        GrpcEndpoint = _dapr.GrpcEndpoint;
    }

    /// <summary>Takes it away.</summary>
    public async Task DownAsync()
    {
        if (_dapr is { } dapr)
        {
            _dapr = null;
            await dapr.DisposeAsync();
        }
    }

    /// <summary>A real Dapr client.</summary>
    public DaprClient CreateClient() => new DaprClientBuilder().UseGrpcEndpoint(GrpcEndpoint.ToString()).Build();

    public async ValueTask DisposeAsync()
    {
        await DownAsync();
        Directory.Delete(_directory, recursive: true);
    }

    private void ConfigureGrpc(GrpcServiceOptions options) => options.Interceptors.Add<FaultInterceptor>(Faults);

    /// <summary>Settings of the faults; safe to change while calls run.</summary>
    public sealed class DaprFaults
    {
        private int _calls;

        /// <summary>Fails calls with this status; null: no failure.</summary>
        public StatusCode? Status { get; set; }

        /// <summary>Calls wait for this before they are served; null: no wait.</summary>
        public Task? Gate { get; set; }

        /// <summary>Calls seen, failed ones included.</summary>
        public int Calls => Volatile.Read(ref _calls);

        internal void Count() => Interlocked.Increment(ref _calls);
    }

    internal sealed class FaultInterceptor(DaprFaults faults) : Interceptor
    {
        public override async Task<TResponse> UnaryServerHandler<TRequest, TResponse>(
            TRequest request, ServerCallContext context, UnaryServerMethod<TRequest, TResponse> continuation)
        {
            faults.Count();
            if (faults.Gate is { } gate)
            {
                await gate.WaitAsync(context.CancellationToken);
            }

            return faults.Status is { } status
                ? throw new RpcException(new Status(status, "failed by the test"))
                : await continuation(request, context);
        }
    }
}
