using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using TKA.Cli.Client;
using TKA.Cli.Commands;
using TKA.Cli.Errors;
using TKA.Cli.Terminal;

namespace TKA.Cli.Doctor;

/// <summary>The way to the server, step by step: name, connection and certificate, API, grant, clock.</summary>
internal static class ServerChecks
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan s_skewWarning = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan s_skewFailure = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan s_certificateWarning = TimeSpan.FromDays(7);

    /// <summary>Runs them; after a failure the rest is skipped.</summary>
    public static async Task<List<Finding>> RunAsync(CommandContext context, Uri server, CancellationToken cancellation)
    {
        var findings = new List<Finding> { await NameAsync(server, cancellation) };
        if (findings[^1].Verdict == Verdict.Failed)
        {
            return Skip(findings, "Connection", "API", "Grant", "Clock");
        }

        findings.Add(await ConnectionAsync(context, server, cancellation));
        if (findings[^1].Verdict == Verdict.Failed)
        {
            return Skip(findings, "API", "Grant", "Clock");
        }

        using var client = context.CreateClient(server);
        try
        {
            var access = await client.GetAccessAsync(cancellation);
            findings.Add(new("API", Verdict.Ok, $"{server.Authority} is a TKA server."));
            findings.Add(new("Grant", Verdict.Ok, $"{access.Username} on {access.Node} may have {access.Role} for {RemainingTime.Length(access.Period)}."));
        }
        catch (CliException error) when (error.Status is 400 or 403 && error.ServerProblem is not null)
        {
            findings.Add(new("API", Verdict.Ok, $"{server.Authority} is a TKA server."));
            findings.Add(Finding.From("Grant", error));
        }
        catch (CliException error)
        {
            findings.Add(Finding.From("API", error));
            Skip(findings, "Grant");
        }

        findings.Add(Clock(client.ClockAhead));
        return findings;
    }

    private static async Task<Finding> NameAsync(Uri server, CancellationToken cancellation)
    {
        if (IPAddress.TryParse(server.DnsSafeHost, out _))
        {
            return new("Name", Verdict.Ok, $"{server.Host} is an address.");
        }

        try
        {
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
            limit.CancelAfter(s_limit);
            var addresses = await Dns.GetHostAddressesAsync(server.DnsSafeHost, limit.Token);
            return new("Name", Verdict.Ok, $"{server.Host} is {string.Join(", ", addresses.Take(3).Select(address => address.ToString()))}.");
        }
        catch (Exception error) when (error is SocketException || (error is OperationCanceledException && !cancellation.IsCancellationRequested))
        {
            return new(
                "Name",
                Verdict.Failed,
                $"The name {server.Host} is not known.",
                server.Host.Contains('.', StringComparison.Ordinal)
                    ? "Check it: tka config tailscale.hostname, tka config tailscale.tailnet"
                    : "Set the tailnet's domain: tka config tailscale.tailnet example.ts.net --force",
                ExitCode.Unreachable);
        }
    }

    private static async Task<Finding> ConnectionAsync(CommandContext context, Uri server, CancellationToken cancellation)
    {
        var started = context.Clock.GetTimestamp();
        try
        {
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
            limit.CancelAfter(s_limit);
            await using var stream = await SourceAddress.OpenAsync(context.Source, new DnsEndPoint(server.DnsSafeHost, server.Port), limit.Token);
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
            catch (Exception error) when (error is IOException or AuthenticationException)
            {
                return Finding.From("Connection", TransportErrors.From(server, new HttpRequestException(HttpRequestError.SecureConnectionError, error.Message, error), certificate.Problem));
            }

            var end = new X509Certificate2(tls.RemoteCertificate!).NotAfter.ToUniversalTime();
            var left = end - context.Clock.GetUtcNow().UtcDateTime;
            return left < s_certificateWarning
                ? new("Connection", Verdict.Warning, $"The server's certificate ends {RemainingTime.Relative(left)}.", "Tell whoever runs TKA: tailscaled should have renewed it.")
                : new("Connection", Verdict.Ok, $"{server.Authority} accepts connections ({connected.TotalMilliseconds:0} ms, certificate good for {RemainingTime.Length(left)}).");
        }
        catch (OperationCanceledException error) when (!cancellation.IsCancellationRequested)
        {
            return Finding.From("Connection", TransportErrors.TimedOut(server, s_limit, error));
        }
        catch (Exception error) when (error is SocketException or IOException)
        {
            return Finding.From("Connection", TransportErrors.From(server, new HttpRequestException(HttpRequestError.ConnectionError, error.Message, error)));
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
            var off when off > s_skewFailure => new("Clock", Verdict.Failed, $"The clock of this machine is {text}.", advice),
            var off when off > s_skewWarning => new("Clock", Verdict.Warning, $"The clock of this machine is {text}.", advice),
            _ => new("Clock", Verdict.Ok, "The clocks agree."),
        };
    }

    private static List<Finding> Skip(List<Finding> findings, params string[] names)
    {
        findings.AddRange(names.Select(name => new Finding(name, Verdict.Skipped, "Depends on the step before.")));
        return findings;
    }
}
