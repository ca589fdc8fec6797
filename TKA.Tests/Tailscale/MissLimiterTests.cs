using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using TKA.Tailscale;
using TKA.Tailscale.Authentication;
using TKA.Tailscale.LocalApi;
using TKA.Tailscale.Serving;
using Xunit;

namespace TKA.Tests.Tailscale;

/// <summary>Strangers are asked about so often and no oftener, and never at the cost of those who are known.</summary>
public sealed class MissLimiterTests
{
    private const int Burst = 5;

    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 11, 24, 8, 0, 0, TimeSpan.Zero));
    private readonly Tailscaled _tailscaled = new();
    private readonly Owner _owner = new();
    private readonly BackendStatus _backend;
    private readonly TailscaleIdentityResolver _resolver;

    public MissLimiterTests()
    {
        var options = Options.Create(new TailscaleOptions { WhoIsMissBurst = Burst, WhoIsCache = TimeSpan.FromSeconds(5) });
        _backend = new BackendStatus(_tailscaled, _time, options);
        _resolver = new TailscaleIdentityResolver(
            _tailscaled, _backend, new MissLimiter(_time, options), _owner, new TailscaleMetrics(new Meters()), _time, options, NullLogger<TailscaleIdentityResolver>.Instance);
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_burst_of_strangers_passes_no_more_than_as_many_one_after_the_other()
    {
        _tailscaled.Slow = true;
        var knocks = Enumerable.Range(1, 40).Select(Ask).ToArray();
        Assert.Equal(Burst, _tailscaled.Asked);
        _tailscaled.AnswerAll();
        var answers = await Task.WhenAll(knocks);

        Assert.Equal(Burst, _tailscaled.Asked);
        Assert.Equal(Burst, answers.Count(answer => answer.Refusal!.Reason == TailscaleRefusalReason.UnknownPeer));
        Assert.Equal(40 - Burst, answers.Count(answer => answer.Refusal!.Reason == TailscaleRefusalReason.TooManyUnknownPeers));
    }

    [Fact]
    public async Task A_burst_of_known_peers_is_answered_to_the_last()
    {
        _tailscaled.Known = port => true;
        _tailscaled.Slow = true;
        var knocks = Enumerable.Range(1, 40).Select(Ask).ToArray();
        var all = Task.WhenAll(knocks);
        while (!all.IsCompleted)
        {
            _tailscaled.AnswerAll();
            await Task.Yield();
        }

        Assert.All(await all, answer => Assert.True(answer.IsKnown));
        Assert.Equal(40, _tailscaled.Asked);
    }

    [Fact]
    public async Task A_connection_that_is_known_stays_so_while_strangers_of_its_address_are_turned_away()
    {
        _tailscaled.Known = port => port == 1000;
        var alice = new TailnetConnection(At(1000), _resolver, _backend, _time, TimeSpan.FromSeconds(5));
        Assert.True((await alice.IdentifyAsync(Cancellation)).IsKnown);
        await ExhaustAsync();

        _time.Advance(TimeSpan.FromSeconds(5));
        await ExhaustAsync();

        Assert.True((await alice.IdentifyAsync(Cancellation)).IsKnown);
    }

    [Fact]
    public async Task Another_program_of_the_Pod_cannot_hold_off_what_tailscaled_brings()
    {
        _tailscaled.Known = port => port >= 1000;
        _owner.Tailscaled = port => port >= 1000;
        await ExhaustAsync();

        Assert.True((await Ask(1000)).IsKnown);
        Assert.Equal(TailscaleRefusalReason.TooManyUnknownPeers, (await Ask(7)).Refusal!.Reason);
    }

    [Fact]
    public async Task Who_waits_for_a_tailscaled_that_answers_nobody_is_told_so_and_not_blamed()
    {
        _tailscaled.Slow = true;
        var knocks = Enumerable.Range(1, Burst + 3).Select(Ask).ToArray();
        _tailscaled.FailAll();

        Assert.All(await Task.WhenAll(knocks), answer => Assert.Equal(TailscaleRefusalReason.TailscaledUnavailable, answer.Refusal!.Reason));
        Assert.Equal(Burst, _tailscaled.Asked);
    }

    [Fact]
    public async Task The_kernel_tells_whose_socket_is_at_the_other_end()
    {
        Assert.Equal(1654u, ConnectionOwner.UidIn("   0: 0100007F:A3C4 0100007F:01BB 01 00000000:00000000 00:00000000 00000000  1654        0 29342 1 0", new IPEndPoint(IPAddress.Loopback, 0xA3C4)));
        Assert.Null(ConnectionOwner.UidIn("   0: 0100007F:A3C4 0100007F:01BB 01 00000000:00000000 00:00000000 00000000  1654        0 29342 1 0", new IPEndPoint(IPAddress.Loopback, 443)));
        Assert.Null(ConnectionOwner.UidIn("  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode", new IPEndPoint(IPAddress.Loopback, 443)));
        Assert.Equal(1654u, ConnectionOwner.UidIn("   0: 0100007F:A3C4 0200007F:01BB 01 00000000:00000000 00:00000000 00000000  1654        0 29342 1 0", new IPEndPoint(IPAddress.Loopback, 0xA3C4), IPEndPoint.Parse("127.0.0.2:443")));
        Assert.Null(ConnectionOwner.UidIn("   0: 0100007F:A3C4 0100007F:01BB 01 00000000:00000000 00:00000000 00000000  1654        0 29342 1 0", new IPEndPoint(IPAddress.Loopback, 0xA3C4), IPEndPoint.Parse("127.0.0.2:443")));
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Linux tells.");

        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        using var client = new TcpClient();
        await client.ConnectAsync((IPEndPoint)listener.LocalEndpoint, Cancellation);
        var local = (IPEndPoint)client.Client.LocalEndPoint!;
        Assert.NotNull(await ConnectionOwner.UidOfAsync(new IPEndPoint(local.Address.MapToIPv4(), local.Port), (IPEndPoint)listener.LocalEndpoint, Cancellation));
    }

    private static IPEndPoint At(int port) => new(IPAddress.Loopback, port);

    private Task<TailscaleIdentity> Ask(int port) => _resolver.ResolveConnectionAsync(At(port), wasKnown: false, Cancellation);

    private async Task ExhaustAsync()
    {
        while ((await Ask(7)).Refusal!.Reason != TailscaleRefusalReason.TooManyUnknownPeers)
        {
        }
    }

    private sealed class Owner() : ConnectionOwner(new TailscaledUser(Options.Create(new TailscaleOptions())))
    {
        public Func<int, bool> Tailscaled { get; set; } = _ => false;

        public override ValueTask<bool> IsTailscaledAsync(IPEndPoint remote, CancellationToken cancellationToken) => ValueTask.FromResult(Tailscaled(remote.Port));
    }

    private sealed class Meters : System.Diagnostics.Metrics.IMeterFactory
    {
        public System.Diagnostics.Metrics.Meter Create(System.Diagnostics.Metrics.MeterOptions options) => new(options);

        public void Dispose()
        {
        }
    }

    /// <summary>Knows connections by port, and answers when told to.</summary>
    private sealed class Tailscaled : ILocalApiClient
    {
        private readonly ConcurrentQueue<TaskCompletionSource<bool>> _open = [];
        private int _asked;

        public Func<int, bool> Known { get; set; } = _ => false;

        public bool Slow { get; set; }

        public int Asked => Volatile.Read(ref _asked);

        public void AnswerAll()
        {
            while (_open.TryDequeue(out var question))
            {
                question.SetResult(true);
            }
        }

        public void FailAll()
        {
            while (_open.TryDequeue(out var question))
            {
                question.SetResult(false);
            }
        }

        public async Task<WhoIsResponse?> WhoIsAsync(IPEndPoint remote, CancellationToken cancellationToken)
        {
            Interlocked.Increment(ref _asked);
            if (Slow)
            {
                var question = new TaskCompletionSource<bool>();
                _open.Enqueue(question);
                if (!await question.Task)
                {
                    throw new LocalApiException(LocalApiError.Unavailable, "gone");
                }
            }

            return Known(remote.Port)
                ? new WhoIsResponse { Node = new() { StableID = "nAlice" }, UserProfile = new() { LoginName = "alice@example.com" } }
                : null;
        }

        public Task<WhoIsResponse?> WhoIsAsync(IPAddress address, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task<TailscaleStatus> StatusAsync(bool peers, CancellationToken cancellationToken) =>
            Task.FromResult(new TailscaleStatus { BackendState = TailscaleStatus.Running });

        public Task<CertificatePem> CertPairAsync(string domain, TimeSpan minValidity, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task<ServeConfig?> ServeConfigAsync(CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task<Stream> DialAsync(string host, int port, CancellationToken cancellationToken) => throw new NotSupportedException();

        public async IAsyncEnumerable<IpnNotification> WatchIpnBusAsync(IpnBusEvents events, [EnumeratorCancellation] CancellationToken cancellationToken)
        {
            await Task.CompletedTask;
            yield break;
        }
    }
}
