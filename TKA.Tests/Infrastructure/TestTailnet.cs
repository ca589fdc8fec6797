using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using TKA.DevEnvironment.Tailnet;

namespace TKA.Tests.Infrastructure;

/// <summary>
/// An embedded tailnet in a temporary directory: the default policy's people unless a test brings its own.
/// <c>127.0.0.1</c> alice, <c>.2</c> bob, <c>.3</c> carol (no grant), <c>.4</c> ci (tagged), <c>.5</c> alice@other.org,
/// <c>.6</c> dave (admin), <c>.10</c> tka-dev (tagged tag:tka-cluster).
/// </summary>
public sealed class TestTailnet : IAsyncDisposable
{
    private readonly string _directory;
    private EmbeddedTailnet? _tailnet;
    private readonly TimeProvider _time;
    private readonly TimeSpan? _certificateLifetime;
    private readonly int _capabilityVersion;

    private TestTailnet(string directory, TimeProvider time, TimeSpan? certificateLifetime, int capabilityVersion)
    {
        _capabilityVersion = capabilityVersion;
        _directory = directory;
        _time = time;
        _certificateLifetime = certificateLifetime;
    }

    public EmbeddedTailnet Embedded => _tailnet ?? throw new InvalidOperationException("The tailnet is stopped.");

    public string SocketPath => Path.Combine(_directory, "tailscaled.sock");

    public string PolicyPath => Path.Combine(_directory, "policy.hujson");

    /// <summary>Starts one.</summary>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <param name="policy">Text of the policy; null for the default.</param>
    /// <param name="time">Clock of the tailnet; null for the system's.</param>
    /// <param name="certificateLifetime">How long its certificates are good for; null for the default.</param>
    /// <param name="capabilityVersion">What it claims to be; up to 130, keys that never expire have Go's zero time as expiry.</param>
    public static async Task<TestTailnet> StartAsync(
        CancellationToken cancellationToken, string? policy = null, TimeProvider? time = null, TimeSpan? certificateLifetime = null, int capabilityVersion = 133)
    {
        var tailnet = new TestTailnet(Directory.CreateTempSubdirectory("tka-").FullName, time ?? TimeProvider.System, certificateLifetime, capabilityVersion);
        if (policy is not null)
        {
            await File.WriteAllTextAsync(tailnet.PolicyPath, policy, cancellationToken);
        }

        await tailnet.UpAsync(cancellationToken);
        return tailnet;
    }

    /// <summary>Starts tailscaled (again).</summary>
    public async Task UpAsync(CancellationToken cancellationToken)
    {
        var options = new EmbeddedTailnetOptions
        {
            SocketPath = SocketPath,
            PolicyPath = PolicyPath,
            CapabilityVersion = _capabilityVersion,
            TimeProvider = _time,
            CertificateLifetime = _certificateLifetime ?? TimeSpan.FromDays(90),
        };
        _tailnet = await EmbeddedTailnet.StartAsync(options, cancellationToken);
    }

    /// <summary>Takes tailscaled away, as a crash would: the socket is gone.</summary>
    public async Task DownAsync()
    {
        if (_tailnet is { } tailnet)
        {
            _tailnet = null;
            await tailnet.DisposeAsync();
        }
    }

    /// <summary>Replaces the policy; in force on return.</summary>
    public Task SetPolicyAsync(string policy, CancellationToken cancellationToken) => Embedded.SetPolicyAsync(policy, cancellationToken);

    /// <summary>Points an application at this tailnet: plain HTTP on a free loopback port, identities always fresh.</summary>
    public void Configure(WebApplicationBuilder builder) =>
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["tailscale:socket"] = SocketPath,
            ["tailscale:port"] = "0",
            ["tailscale:tls"] = "false",
            ["tailscale:whoIsCache"] = "00:00:00",
            ["server:address"] = "127.0.0.1",
            ["management:address"] = "127.0.0.1",
        });

    /// <summary>A client whose connections come from a loopback address, that is, from one of the devices.</summary>
    public static HttpClient ClientFrom(string source, Uri server) => new(HandlerFrom(source)) { BaseAddress = server };

    /// <summary>As <see cref="HandlerFrom"/>, and trusts the tailnet's root and nothing else, so that a missing intermediate shows.</summary>
    public SocketsHttpHandler TrustingHandlerFrom(string source)
    {
        var handler = HandlerFrom(source);
        handler.SslOptions.CertificateChainPolicy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            RevocationMode = X509RevocationMode.NoCheck,
            CustomTrustStore = { X509Certificate2.CreateFromPem(Embedded.CertificateAuthorityPem) },
        };
        return handler;
    }

    /// <summary>See <see cref="ClientFrom"/>.</summary>
    public static SocketsHttpHandler HandlerFrom(string source) => new()
    {
        UseProxy = false,
        AllowAutoRedirect = false,
        ConnectCallback = async (context, cancellationToken) =>
        {
            var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            try
            {
                socket.Bind(new IPEndPoint(IPAddress.Parse(source), 0));
                var host = IPAddress.TryParse(context.DnsEndPoint.Host, out var address) ? address : IPAddress.Loopback;
                await socket.ConnectAsync(new IPEndPoint(host, context.DnsEndPoint.Port), cancellationToken);
                return new NetworkStream(socket, ownsSocket: true);
            }
            catch
            {
                socket.Dispose();
                throw;
            }
        },
    };

    public async ValueTask DisposeAsync()
    {
        await DownAsync();
        Directory.Delete(_directory, recursive: true);
    }
}
