using System.Net.Sockets;
using TKA.DevEnvironment.Shared;
using TKA.DevEnvironment.Tailnet.LocalApi;

namespace TKA.DevEnvironment.Tailnet;

/// <summary>
/// Speaks tailscaled's LocalAPI on a unix socket, for a tailnet that exists only in a policy file. As strict as
/// tailscaled 1.96.4: it answers what that answers, and 404 to the rest.
/// </summary>
public sealed class EmbeddedTailnet : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly PolicyStore _policies;
    private readonly CertificateAuthority _authority;

    private EmbeddedTailnet(WebApplication app, PolicyStore policies, CertificateAuthority authority, EmbeddedTailnetOptions options)
    {
        _app = app;
        _policies = policies;
        _authority = authority;
        SocketPath = options.SocketPath;
        PolicyPath = options.PolicyPath;
        DnsName = policies.View.Self.DnsName;
    }

    /// <summary>Path of the socket.</summary>
    public string SocketPath { get; }

    /// <summary>Path of the policy file.</summary>
    public string PolicyPath { get; }

    /// <summary>DNS name of TKA's own node, the one that certificates are issued for.</summary>
    public string DnsName { get; }

    /// <summary>Certificate of the authority that issues the certificates, PEM. Lives as long as this object.</summary>
    public string CertificateAuthorityPem => _authority.Pem;

    /// <summary>What is wrong with the policy file now, with line and column; <see langword="null"/> when it is in force.</summary>
    public string? PolicyError => _policies.Error;

    /// <summary>Starts serving.</summary>
    /// <exception cref="InvalidDataException">The policy file is broken; the message says where.</exception>
    /// <exception cref="IOException">The socket is in use, its path too long, or a file cannot be written.</exception>
    public static async Task<EmbeddedTailnet> StartAsync(EmbeddedTailnetOptions options, CancellationToken cancellationToken = default)
    {
        await PrepareSocketAsync(options.SocketPath, cancellationToken);
        var policies = await PolicyStore.OpenAsync(options, cancellationToken);
        var authority = new CertificateAuthority(options.TimeProvider, options.CertificateLifetime);
        var app = Build(options, policies, authority);
        try
        {
            await app.StartAsync(cancellationToken);
            if (!OperatingSystem.IsWindows())
            {
                File.SetUnixFileMode(options.SocketPath, UnixFileMode.UserRead | UnixFileMode.UserWrite);
            }
        }
        catch
        {
            await app.DisposeAsync();
            policies.Dispose();
            authority.Dispose();
            throw;
        }

        return new EmbeddedTailnet(app, policies, authority, options);
    }

    /// <summary>Writes the policy file and returns once it is in force.</summary>
    /// <exception cref="InvalidDataException">The text is no policy; the message says where. The last good one stays.</exception>
    public Task SetPolicyAsync(string text, CancellationToken cancellationToken = default) => _policies.WriteAsync(text, cancellationToken);

    /// <summary>Stops serving and removes the socket. The policy file stays.</summary>
    public async ValueTask DisposeAsync()
    {
        _policies.Dispose();
        await _app.StopAsync();
        await _app.DisposeAsync();
        _authority.Dispose();
        File.Delete(SocketPath);
    }

    private static WebApplication Build(EmbeddedTailnetOptions options, PolicyStore policies, CertificateAuthority authority)
    {
        // The empty builder ignores the environment, so that ASPNETCORE_URLS and the like do not affect this server.
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.ListenUnixSocket(options.SocketPath);
        });
        builder.Services.AddRoutingCore();
        builder.Services.AddSingleton<IHostLifetime, NoSignals>();
        builder.Services.AddSingleton(options.LoggerFactory);
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromSeconds(2));
        var app = builder.Build();
        app.UseMiddleware<LocalApiGuard>(options.CapabilityVersion.ToString(System.Globalization.CultureInfo.InvariantCulture));
        app.UseRouting();
        new LocalApiServer(options, policies, authority, app.Lifetime.ApplicationStopping).Map(app);
        return app;
    }

    private static async Task PrepareSocketAsync(string path, CancellationToken cancellationToken)
    {
        if (System.Text.Encoding.UTF8.GetByteCount(path) > 107)
        {
            throw new IOException($"The socket path {path} is longer than the 107 bytes that the system allows; choose a shorter data directory.");
        }

        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
        if (!File.Exists(path))
        {
            return;
        }

        using var probe = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await probe.ConnectAsync(new UnixDomainSocketEndPoint(path), cancellationToken);
        }
        catch (SocketException)
        {
            // A process that was killed did not remove its socket.
            File.Delete(path);
            return;
        }

        throw new IOException($"Another process serves {path}; is the stack already running?");
    }
}
