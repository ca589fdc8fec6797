using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using TKA.Cli.Terminal;

namespace TKA.Cli.Client;

/// <summary>Why there is no secure connection, in words that go on from "No secure connection to https://host:", and what to do.</summary>
/// <param name="Reason">What is wrong.</param>
/// <param name="Advice">What to do about it.</param>
internal sealed record TlsProblem(string Reason, IReadOnlyList<string> Advice)
{
    private const int NamesShown = 3;

    /// <summary>What is wrong with a certificate, all of it.</summary>
    /// <param name="host">The name it should be for.</param>
    /// <param name="certificate">The server's certificate.</param>
    /// <param name="chain">Its chain, with the system's verdict on each part.</param>
    /// <param name="errors">The system's verdict.</param>
    /// <param name="now">Now.</param>
    public static TlsProblem Of(string host, X509Certificate2? certificate, X509Chain? chain, SslPolicyErrors errors, DateTimeOffset now)
    {
        if (certificate is null)
        {
            return new("it shows no certificate", ["Check the host and the port."]);
        }

        var reasons = new List<string>();
        var advice = new List<string>();
        if (errors.HasFlag(SslPolicyErrors.RemoteCertificateNameMismatch))
        {
            WrongName(host, certificate, reasons, advice);
        }

        var status = (chain?.ChainStatus ?? []).Aggregate(X509ChainStatusFlags.NoError, (all, one) => all | one.Status);
        if (status.HasFlag(X509ChainStatusFlags.NotTimeValid))
        {
            WrongTime(certificate, now, reasons, advice);
        }

        if ((status & (X509ChainStatusFlags.UntrustedRoot | X509ChainStatusFlags.PartialChain)) != 0)
        {
            reasons.Add($"comes from an authority this machine does not trust ({SafeText.Clean(certificate.Issuer)})");
            advice.Add(OperatingSystem.IsWindows() || OperatingSystem.IsMacOS()
                ? "For a private certificate authority, add its certificate to those the system trusts."
                : "For a private certificate authority, point SSL_CERT_FILE at its certificates.");
            advice.Add("Certificates of a tailnet are from Let's Encrypt: if you expected one, something else answers there. Check host and port.");
        }

        if (reasons.Count == 0)
        {
            reasons.Add($"is not acceptable ({(status == X509ChainStatusFlags.NoError ? errors.ToString() : status.ToString())})");
            advice.Add("Tell whoever runs the server.");
        }

        return new($"its certificate {string.Join(" and ", reasons)}", advice);
    }

    private static void WrongName(string host, X509Certificate2 certificate, List<string> reasons, List<string> advice)
    {
        var names = certificate.Extensions.OfType<X509SubjectAlternativeNameExtension>()
            .SelectMany(extension => extension.EnumerateDnsNames().Concat(extension.EnumerateIPAddresses().Select(address => address.ToString())))
            .DefaultIfEmpty(certificate.GetNameInfo(X509NameType.DnsName, forIssuer: false))
            .Select(SafeText.Clean)
            .ToList();
        var more = names.Count > NamesShown ? $" and {names.Count - NamesShown} more" : "";
        reasons.Add($"is for {string.Join(", ", names.Take(NamesShown))}{more}, not for {host}");
        advice.Add(names.Find(name => name.StartsWith(host + '.', StringComparison.OrdinalIgnoreCase)) is { } full
            ? $"Use the full name: --server {full}, or once for all: tka config tailscale.tailnet {full[(host.Length + 1)..]} --force"
            : $"Use the name it is for ({names[0]}), or check host and port.");
    }

    private static void WrongTime(X509Certificate2 certificate, DateTimeOffset now, List<string> reasons, List<string> advice)
    {
        var (begin, end) = (new DateTimeOffset(certificate.NotBefore), new DateTimeOffset(certificate.NotAfter));
        reasons.Add(end < now ? $"ended {RemainingTime.Relative(end - now)}"
            : begin > now ? $"is only good {RemainingTime.Relative(begin - now)}"
            : "hangs on another one that is not valid at this time");
        advice.Add($"Check the clock of this machine ({ClockAdvice.Command}).");
        advice.Add("If it is right, tell whoever runs TKA: tailscaled should renew the certificate.");
    }
}
