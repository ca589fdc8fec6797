using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using TKA.Tailscale.LocalApi;
using TKA.Tests.Infrastructure;
using Xunit;

namespace TKA.Tests.Tailscale;

/// <summary>What is remembered of an identity, for how long, and for whom.</summary>
public sealed class WhoIsCacheTests
{
    private const string Rule = """[{"role":"view","period":"8h"}]""";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task One_connection_is_asked_about_once_in_five_seconds()
    {
        var time = new FakeTimeProvider(new DateTimeOffset(2026, 11, 24, 8, 0, 0, TimeSpan.Zero));
        await using var tailnet = await TestTailnet.StartAsync(Cancellation);
        await using var server = await WhoAmIServer.StartAsync(tailnet, Cancellation, builder => Count(builder, time));
        var asked = server.Services.GetRequiredService<CountingLocalApi>();
        using var alice = server.ClientFrom("127.0.0.1");

        for (var i = 0; i < 10; i++)
        {
            await alice.GetStringAsync("/rule", Cancellation);
        }

        Assert.Equal((1, 1), (asked.WhoIs, asked.Status));
        time.Advance(TimeSpan.FromSeconds(5));
        await alice.GetStringAsync("/rule", Cancellation);
        Assert.Equal((2, 2), (asked.WhoIs, asked.Status));
    }

    [Fact]
    public async Task A_new_connection_is_asked_about_anew()
    {
        await using var tailnet = await TestTailnet.StartAsync(Cancellation);
        await using var server = await WhoAmIServer.StartAsync(tailnet, Cancellation, builder => Count(builder, TimeProvider.System));
        var asked = server.Services.GetRequiredService<CountingLocalApi>();

        for (var i = 0; i < 3; i++)
        {
            using var alice = server.ClientFrom("127.0.0.1");
            await alice.GetStringAsync("/rule", Cancellation);
        }

        Assert.Equal(3, asked.WhoIs);
    }

    [Fact]
    public async Task What_is_remembered_dies_with_the_connection()
    {
        await using var tailnet = await TestTailnet.StartAsync(Cancellation, new TestTailnetPolicy().Person("127.0.0.1", "alice@example.com", Rule).ToString());
        await using var server = await WhoAmIServer.StartAsync(tailnet, Cancellation, builder => Cache(builder, "00:01:00"));
        using var old = server.ClientFrom("127.0.0.1");
        Assert.StartsWith("alice", await old.GetStringAsync("/rule", Cancellation), StringComparison.Ordinal);

        // The address is somebody else's from here on.
        await tailnet.SetPolicyAsync(new TestTailnetPolicy().Person("127.0.0.1", "mallory@example.com", Rule).ToString(), Cancellation);

        using var fresh = server.ClientFrom("127.0.0.1");
        Assert.StartsWith("mallory", await fresh.GetStringAsync("/rule", Cancellation), StringComparison.Ordinal);

        // What was remembered for the old connection is alice's, unless the client had to open another one meanwhile.
        Assert.Matches("^(alice|mallory)@", await old.GetStringAsync("/rule", Cancellation));
    }

    [Fact]
    public async Task A_tailscaled_that_goes_down_is_believed_no_longer_than_it_takes_to_hear_of_it()
    {
        await using var tailnet = await TestTailnet.StartAsync(Cancellation);
        await using var server = await WhoAmIServer.StartAsync(tailnet, Cancellation, builder => Cache(builder, "00:01:00"));
        using var localApi = new RawLocalApi(tailnet.SocketPath);
        using var alice = server.ClientFrom("127.0.0.1");
        await alice.GetStringAsync("/rule", Cancellation);

        await localApi.WantRunningAsync(false, Cancellation);

        await Eventually.TrueAsync(
            async () =>
            {
                using var response = await alice.GetAsync("/rule", Cancellation);
                return response.StatusCode == HttpStatusCode.ServiceUnavailable;
            },
            "the change of state is heard of");
    }

    [Fact]
    public async Task A_failure_is_not_remembered()
    {
        await using var tailnet = await TestTailnet.StartAsync(Cancellation);
        await using var server = await WhoAmIServer.StartAsync(tailnet, Cancellation, builder => Cache(builder, "00:01:00"));
        using var alice = server.ClientFrom("127.0.0.1");
        await tailnet.DownAsync();
        using (var response = await alice.GetAsync("/rule", Cancellation))
        {
            Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        }

        await tailnet.UpAsync(Cancellation);
        Assert.StartsWith("alice", await alice.GetStringAsync("/rule", Cancellation), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Concurrent_requests_share_one_question()
    {
        await using var tailnet = await TestTailnet.StartAsync(Cancellation);
        await using var server = await WhoAmIServer.StartAsync(tailnet, Cancellation, builder => Count(builder, TimeProvider.System));
        var asked = server.Services.GetRequiredService<CountingLocalApi>();
        using var clients = new Clients(server, "127.0.0.1", 8);

        await Task.WhenAll(clients.Items.Select(client => client.GetStringAsync("/rule", Cancellation)));

        Assert.Equal(8, asked.WhoIs);
        Assert.InRange(asked.Status, 1, 7);
    }

    [Fact]
    public async Task Strangers_cannot_keep_tailscaled_busy()
    {
        var time = new FakeTimeProvider(new DateTimeOffset(2026, 11, 24, 8, 0, 0, TimeSpan.Zero));
        await using var tailnet = await TestTailnet.StartAsync(Cancellation);
        await using var server = await WhoAmIServer.StartAsync(tailnet, Cancellation, builder => Count(builder, time));
        var asked = server.Services.GetRequiredService<CountingLocalApi>();
        using var alice = server.ClientFrom("127.0.0.1");
        await alice.GetStringAsync("/rule", Cancellation);

        var statuses = new List<HttpStatusCode>();
        for (var i = 0; i < 40; i++)
        {
            statuses.Add(await KnockAsync(server, "127.0.0.77"));
        }

        Assert.Equal(20, statuses.Count(status => status == HttpStatusCode.Forbidden));
        Assert.Equal(20, statuses.Count(status => status == HttpStatusCode.TooManyRequests));
        Assert.Equal(21, asked.WhoIs);

        // Others are not affected, and time heals.
        using var bob = server.ClientFrom("127.0.0.2");
        await bob.GetStringAsync("/rule", Cancellation);
        time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(HttpStatusCode.Forbidden, await KnockAsync(server, "127.0.0.77"));
    }

    private static async Task<HttpStatusCode> KnockAsync(WhoAmIServer server, string source)
    {
        using var client = server.ClientFrom(source);
        using var response = await client.GetAsync("/person", Cancellation);
        return response.StatusCode;
    }

    private static void Cache(WebApplicationBuilder builder, string lifetime) =>
        builder.Configuration.AddInMemoryCollection([KeyValuePair.Create<string, string?>("tailscale:whoIsCache", lifetime)]);

    private static void Count(WebApplicationBuilder builder, TimeProvider time)
    {
        Cache(builder, "00:00:05");
        builder.Services.AddSingleton(time);
        builder.Services.AddSingleton<LocalApiClient>();
        builder.Services.AddSingleton<CountingLocalApi>();
        builder.Services.AddSingleton<ILocalApiClient>(provider => provider.GetRequiredService<CountingLocalApi>());
    }

    /// <summary>The real client, counted.</summary>
    private sealed class CountingLocalApi(LocalApiClient inner) : ILocalApiClient
    {
        private int _whoIs;
        private int _status;

        public int WhoIs => Volatile.Read(ref _whoIs);

        public int Status => Volatile.Read(ref _status);

        public Task<WhoIsResponse?> WhoIsAsync(IPEndPoint remote, CancellationToken cancellationToken)
        {
            Interlocked.Increment(ref _whoIs);
            return inner.WhoIsAsync(remote, cancellationToken);
        }

        public Task<WhoIsResponse?> WhoIsAsync(IPAddress address, CancellationToken cancellationToken) => inner.WhoIsAsync(address, cancellationToken);

        public Task<TailscaleStatus> StatusAsync(bool peers, CancellationToken cancellationToken)
        {
            Interlocked.Increment(ref _status);
            return inner.StatusAsync(peers, cancellationToken);
        }

        public Task<CertificatePem> CertPairAsync(string domain, TimeSpan minValidity, CancellationToken cancellationToken) =>
            inner.CertPairAsync(domain, minValidity, cancellationToken);

        public Task<ServeConfig?> ServeConfigAsync(CancellationToken cancellationToken) => inner.ServeConfigAsync(cancellationToken);

        public Task<Stream> DialAsync(string host, int port, CancellationToken cancellationToken) => throw new NotSupportedException();

        public IAsyncEnumerable<IpnNotification> WatchIpnBusAsync(IpnBusEvents events, CancellationToken cancellationToken) =>
            inner.WatchIpnBusAsync(events, cancellationToken);
    }

    private sealed class Clients(WhoAmIServer server, string source, int count) : IDisposable
    {
        public IReadOnlyList<HttpClient> Items { get; } = [.. Enumerable.Range(0, count).Select(_ => server.ClientFrom(source))];

        public void Dispose()
        {
            foreach (var client in Items)
            {
                client.Dispose();
            }
        }
    }
}
