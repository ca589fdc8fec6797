using System.Globalization;
using System.Net;
using TKA.Cli.Errors;

namespace TKA.Cli.Configuration;

/// <summary>From host names and ports to URLs: <c>https://{host}.{tailnet}</c> on 443, <c>http://</c> on other ports, or as given with a scheme.</summary>
internal static class ServerAddress
{
    private const int HttpsPort = 443;

    /// <summary>The API server of this run: <c>--server</c>, <c>TKA_SERVER</c>, or the <c>tailscale.*</c> keys.</summary>
    /// <param name="configuration">Configuration.</param>
    /// <param name="server">From <c>--server</c> or <c>TKA_SERVER</c>.</param>
    /// <exception cref="CliException">It is no address.</exception>
    public static Uri ForApi(CliConfiguration configuration, string? server)
    {
        var port = int.Parse(configuration[ConfigKey.Port], CultureInfo.InvariantCulture);
        var url = Parse(server ?? configuration[ConfigKey.Hostname], port, configuration[ConfigKey.Tailnet]);
        return configuration.Lookup(ConfigKey.Port).Source == "flag" && url.Port != port
            ? WithPort(url, server ?? "", port)
            : url;
    }

    /// <summary>The orchestrator of this run.</summary>
    /// <exception cref="CliException">None is configured, or it is no address.</exception>
    public static Uri ForOrchestrator(CliConfiguration configuration)
    {
        var orchestrator = configuration[ConfigKey.Orchestrator];
        return orchestrator.Length == 0
            ? throw new CliException(
                ErrorCodes.OrchestratorUnset,
                ExitCode.Unusable,
                "No orchestrator is configured, so clusters cannot be listed or found by name.",
                ["Name it with --orchestrator HOST, with TKA_ORCHESTRATOR, or once for all: tka config orchestrator.url HOST"])
            : Parse(orchestrator, HttpsPort, configuration[ConfigKey.Tailnet]);
    }

    /// <summary>Builds the URL.</summary>
    /// <param name="address">A URL, or a host name or IP address, perhaps with a port.</param>
    /// <param name="port">Port when the address names none.</param>
    /// <param name="tailnet">Appended to a host name without dots; empty: the system's search domain decides.</param>
    /// <exception cref="CliException">It is no address.</exception>
    public static Uri Parse(string address, int port, string tailnet)
    {
        if (address.Contains("://", StringComparison.Ordinal))
        {
            return Uri.TryCreate(address, UriKind.Absolute, out var given)
                && given.Scheme is "http" or "https"
                && given.AbsolutePath is "/"
                && given is { Query: "", Fragment: "", UserInfo: "" }
                ? given
                : throw Invalid(address);
        }

        if (!Uri.TryCreate($"tka://{Bracketed(address)}", UriKind.Absolute, out var parts)
            || parts.AbsolutePath is not ("/" or "")
            || parts is not { Query: "", Fragment: "", UserInfo: "" }
            || parts.HostNameType == UriHostNameType.Unknown
            || parts.HostNameType == UriHostNameType.Basic)
        {
            throw Invalid(address);
        }

        var host = parts.HostNameType == UriHostNameType.IPv6 ? $"[{parts.DnsSafeHost}]" : parts.Host.TrimEnd('.');
        if (parts.HostNameType == UriHostNameType.Dns && tailnet.Length > 0 && !host.Contains('.') && host != "localhost")
        {
            host = $"{host}.{tailnet.Trim('.')}";
        }

        var chosen = parts.Port > 0 ? parts.Port : port;
        return Uri.TryCreate($"{(chosen == HttpsPort ? "https" : "http")}://{host}:{chosen}/", UriKind.Absolute, out var url) ? url : throw Invalid(address);
    }

    /// <summary>
    /// Name of a cluster that was asked for by its server only: the server's host, without the configured tailnet. ':' separates the role
    /// in names of contexts, so an IPv6 address loses it.
    /// </summary>
    public static string NameOf(Uri server, string tailnet)
    {
        var host = server.DnsSafeHost;
        var domain = $".{tailnet.Trim('.')}";
        return (domain.Length > 1 && host.EndsWith(domain, StringComparison.OrdinalIgnoreCase) ? host[..^domain.Length] : host).Replace(':', '-');
    }

    // A URL without a port takes the one of --port; two different ones are a mistake.
    private static Uri WithPort(Uri url, string given, int port) =>
        url.IsDefaultPort && !given.TrimEnd('/').EndsWith($":{url.Port}", StringComparison.Ordinal)
            ? new UriBuilder(url) { Port = port }.Uri
            : throw new CliException(
                ErrorCodes.ServerAddressInvalid,
                ExitCode.Usage,
                $"The server '{given}' names port {url.Port}, but --port says {port}.",
                ["Name the port once."]);

    private static string Bracketed(string address) =>
        address.Count(c => c == ':') > 1 && address[0] != '[' && IPAddress.TryParse(address, out _) ? $"[{address}]" : address;

    private static CliException Invalid(string address) => new(
        ErrorCodes.ServerAddressInvalid,
        ExitCode.Usage,
        $"'{address}' is no server address.",
        ["Give a host name on the tailnet (tka), a host and port (tka:8080), or a URL without a path (https://tka.example.ts.net)."]);
}
