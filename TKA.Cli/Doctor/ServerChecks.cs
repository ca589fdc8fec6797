using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using TKA.Cli.Client;
using TKA.Cli.Commands;
using TKA.Cli.Configuration;
using TKA.Cli.Errors;
using TKA.Cli.Terminal;
using TKA.Contracts;

namespace TKA.Cli.Doctor;

/// <summary>The way to the server, step by step: name, connection and certificate, API, grant, clock.</summary>
internal static class ServerChecks
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan SkewWarning = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan SkewFailure = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan CertificateWarning = TimeSpan.FromDays(7);

    /// <summary>Runs them; after a failure the rest is skipped.</summary>
    public static async Task<List<Finding>> RunAsync(CommandContext context, Uri server, CancellationToken cancellationToken)
    {
        var proxy = TailnetProxy.For(server, context.Configuration[ConfigKey.Proxy]);
        var (name, address) = await NameAsync(context, server, proxy, cancellationToken);
        var findings = new List<Finding> { name };
        if (findings[^1].Verdict == Verdict.Failed)
        {
            return Skip(findings, "Connection", "API", "Grant", "Sign-in", "Clock");
        }

        findings.Add(findings[0].Message.Contains("proxy", StringComparison.Ordinal)
            ? new("Connection", Verdict.Skipped, "The proxy makes the connection.")
            : await ConnectionAsync(context, server, address, cancellationToken));
        if (findings[^1].Verdict == Verdict.Failed)
        {
            return Skip(findings, "API", "Grant", "Sign-in", "Clock");
        }

        using var client = context.CreateClient(server);
        try
        {
            var access = await client.GetAccessAsync(cancellationToken);
            findings.Add(new("API", Verdict.Ok, $"{server.Authority} is a TKA server."));
            findings.Add(new("Grant", Verdict.Ok, $"{access.Username} on {access.Node} may have {access.Role} for {RemainingTime.Length(access.Period)}."));
            findings.Add(await SignInAsync(client, cancellationToken));
        }
        catch (CliException exception) when (exception.Status is 400 or 403 && exception.ServerProblem is not null)
        {
            findings.Add(new("API", Verdict.Ok, $"{server.Authority} is a TKA server."));
            findings.Add(Finding.From("Grant", exception));
            findings.Add(await SignInAsync(client, cancellationToken));
        }
        catch (CliException exception)
        {
            findings.Add(Finding.From("API", exception));
            Skip(findings, "Grant", "Sign-in");
        }

        findings.Add(Clock(client.ClockAhead));
        return findings;
    }

    /// <returns>The finding, and the address that tailscaled told because the system does not know the name.</returns>
    private static async Task<(Finding Finding, IPAddress? Address)> NameAsync(CommandContext context, Uri server, Uri? proxy, CancellationToken cancellationToken)
    {
        if (proxy is not null)
        {
            return (new("Name", Verdict.Ok, $"{server.Host} is reached through the proxy {proxy} (tailscale.proxy)."), null);
        }

        if (IPAddress.TryParse(server.DnsSafeHost, out _))
        {
            return (new("Name", Verdict.Ok, $"{server.Host} is an address."), null);
        }

        try
        {
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            limit.CancelAfter(Limit);
            var addresses = await Dns.GetHostAddressesAsync(server.DnsSafeHost, limit.Token);
            return (new("Name", Verdict.Ok, $"{server.Host} is {string.Join(", ", addresses.Take(3).Select(address => address.ToString()))}."), null);
        }
        catch (Exception exception) when (exception is SocketException || (exception is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            if (TailnetProxy.FromEnvironment(server) is { } found)
            {
                return (new("Name", Verdict.Ok, $"{server.Host} is not known here, and is reached through the proxy {found} on this machine, which the environment names."), null);
            }

            if (await LocalTailscaled.FindAddressAsync(context.Configuration[ConfigKey.Socket], server.DnsSafeHost, cancellationToken) is { } address)
            {
                return (new("Name", Verdict.Ok, $"{server.Host} is not known to this system; tailscaled says that it is {address}."), address);
            }

            return (new(
                "Name",
                Verdict.Failed,
                $"The name {server.Host} is not known.",
                server.Host.Contains('.', StringComparison.Ordinal)
                    ? "Check it: tka config tailscale.hostname, tka config tailscale.tailnet"
                    : "Set the tailnet's domain: tka config tailscale.tailnet example.ts.net --force",
                ExitCode.Unreachable), null);
        }
    }

    private static async Task<Finding> ConnectionAsync(CommandContext context, Uri server, IPAddress? address, CancellationToken cancellationToken)
    {
        var started = context.Clock.GetTimestamp();
        try
        {
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            limit.CancelAfter(Limit);
            await using var stream = await SourceConnection.OpenAsync(context.Source, new DnsEndPoint(address?.ToString() ?? server.DnsSafeHost, server.Port), limit.Token);
            var connected = context.Clock.GetElapsedTime(started);
            if (server.Scheme == "http")
            {
                return new("Connection", Verdict.Ok, $"{server.Authority} accepts connections ({connected.TotalMilliseconds:0} ms, without TLS).");
            }

            await using var tls = new SslStream(stream);
            var certificate = new CertificateCheck(server.DnsSafeHost, context.Clock);
            try
            {
                await tls.AuthenticateAsClientAsync(new SslClientAuthenticationOptions { TargetHost = server.DnsSafeHost, RemoteCertificateValidationCallback = certificate.Accept }, limit.Token);
            }
            catch (Exception exception) when (exception is IOException or AuthenticationException)
            {
                return Finding.From("Connection", TransportErrors.From(server, new HttpRequestException(HttpRequestError.SecureConnectionError, exception.Message, exception), certificate.Problem));
            }

            var end = new X509Certificate2(tls.RemoteCertificate!).NotAfter.ToUniversalTime();
            var left = end - context.Clock.GetUtcNow().UtcDateTime;
            return left < CertificateWarning
                ? new("Connection", Verdict.Warning, $"The server's certificate ends {RemainingTime.Relative(left)}.", "Tell whoever runs TKA: tailscaled should have renewed it.")
                : new("Connection", Verdict.Ok, $"{server.Authority} accepts connections ({connected.TotalMilliseconds:0} ms, certificate good for {RemainingTime.Length(left)}).");
        }
        catch (OperationCanceledException exception) when (!cancellationToken.IsCancellationRequested)
        {
            return Finding.From("Connection", TransportErrors.TimedOut(server, Limit, exception));
        }
        catch (Exception exception) when (exception is SocketException or IOException)
        {
            return Finding.From("Connection", TransportErrors.From(server, new HttpRequestException(HttpRequestError.ConnectionError, exception.Message, exception)));
        }
    }

    /// <summary>Whether the server can start sessions: it answers much else without the cluster or the operator.</summary>
    private static async Task<Finding> SignInAsync(TkaClient client, CancellationToken cancellationToken)
    {
        try
        {
            return (await client.GetClusterInfoAsync(cancellationToken)).SignsIn switch
            {
                true => new("Sign-in", Verdict.Ok, "The server can start sessions."),
                false => new(
                    "Sign-in",
                    Verdict.Failed,
                    "The server cannot start sessions now: it cannot use the cluster, or the operator does not answer it.",
                    "Try again in a moment; if it stays so, tell whoever runs TKA: /readyz?verbose of the API and of the operator says what is wrong.",
                    ExitCode.Unreachable),
                null => new("Sign-in", Verdict.Skipped, "The server does not say whether it can start sessions."),
            };
        }
        catch (CliException exception)
        {
            return new("Sign-in", Verdict.Skipped, $"The server does not say whether it can start sessions: {exception.Message}");
        }
    }

    private static Finding Clock(TimeSpan? ahead)
    {
        if (ahead is not { } difference)
        {
            return new("Clock", Verdict.Skipped, "The server did not tell the time.");
        }

        var advice = $"Correct the clock: {ClockAdvice.Command}";
        var text = $"{RemainingTime.Length(difference.Duration())} {(difference > TimeSpan.Zero ? "behind" : "ahead of")} the server's";
        return difference.Duration() switch
        {
            var off when off > SkewFailure => new("Clock", Verdict.Failed, $"The clock of this machine is {text}.", advice),
            var off when off > SkewWarning => new("Clock", Verdict.Warning, $"The clock of this machine is {text}.", advice),
            _ => new("Clock", Verdict.Ok, "The clocks agree."),
        };
    }

    private static List<Finding> Skip(List<Finding> findings, params string[] names)
    {
        findings.AddRange(names.Select(name => new Finding(name, Verdict.Skipped, "Depends on the step before.")));
        return findings;
    }
}
