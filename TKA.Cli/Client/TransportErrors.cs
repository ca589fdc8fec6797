using System.Net.Sockets;
using System.Security.Authentication;
using TKA.Cli.Errors;

namespace TKA.Cli.Client;

/// <summary>Errors for a server that could not be reached or does not speak our protocol.</summary>
internal static class TransportErrors
{
    private const string Doctor = "tka doctor finds out what is wrong on the way.";

    /// <summary>The error for a failed request.</summary>
    /// <param name="server">The server.</param>
    /// <param name="error">What happened.</param>
    /// <param name="certificate">What is wrong with the server's certificate, if that is known.</param>
    public static CliException From(Uri server, HttpRequestException error, TlsProblem? certificate = null)
    {
        if (certificate is not null || error.HttpRequestError == HttpRequestError.SecureConnectionError)
        {
            return Tls(server, certificate ?? Handshake(server, error), error);
        }

        if (Find<SocketException>(error) is { } socket)
        {
            return FromSocket(server, socket, error);
        }

        if (error.HttpRequestError == HttpRequestError.NameResolutionError)
        {
            return NameUnknown(server, error);
        }

        return Find<TimeoutException>(error) is not null
            ? TimedOut(server, TimeSpan.FromSeconds(10), error)
            : new CliException(
                ErrorCodes.ServerBroken,
                ExitCode.Unreachable,
                $"The connection to {Authority(server)} broke before an answer came.",
                [
                    server.Scheme == "http" ? "If the server speaks TLS, use port 443 or give a URL with https://." : "If the server speaks no TLS on this port, give a URL with http://.",
                    Doctor,
                ],
                error);
    }

    /// <summary>Whether a request failed because the server's name does not resolve.</summary>
    public static bool IsNameUnknown(HttpRequestException error) =>
        error.HttpRequestError == HttpRequestError.NameResolutionError || Find<SocketException>(error)?.SocketErrorCode is SocketError.HostNotFound or SocketError.NoData or SocketError.TryAgain;

    /// <summary>The error when no answer came in time.</summary>
    public static CliException TimedOut(Uri server, TimeSpan waited, Exception? error) => new(
        ErrorCodes.ServerTimeout,
        ExitCode.Unreachable,
        $"{Authority(server)} did not answer within {waited.TotalSeconds:0} s.",
        ["Check that Tailscale is connected (tailscale status) and that the tailnet policy lets this device reach the server.", Doctor],
        error);

    /// <summary>The error when something answers that is no TKA server.</summary>
    public static CliException NotTka(Uri server, HttpAnswer answer, Exception? error = null) => new(
        ErrorCodes.ServerNotTka,
        ExitCode.Unreachable,
        answer.Location is { } location
            ? $"{Authority(server)} answers, but sends us on to {location}: that is no TKA server."
            : $"{Authority(server)} answers (HTTP {(int)answer.Status}), but not as a TKA server does.",
        ["Check the host and the port (--server, --port, tka config tailscale.hostname).", "https is used on port 443 and http on others; a URL with its scheme overrides that."],
        error)
    {
        Status = (int)answer.Status,
    };

    private static CliException FromSocket(Uri server, SocketException socket, Exception error) => socket.SocketErrorCode switch
    {
        SocketError.HostNotFound or SocketError.NoData or SocketError.TryAgain => NameUnknown(server, error),
        SocketError.ConnectionRefused => new(
            ErrorCodes.ServerRefused,
            ExitCode.Unreachable,
            $"Nothing listens on {Authority(server)}.",
            ["Check the port (--port, tka config tailscale.port), and that the TKA server runs.", Doctor],
            error),
        SocketError.NetworkUnreachable or SocketError.HostUnreachable or SocketError.NetworkDown or SocketError.HostDown => new(
            ErrorCodes.ServerNoRoute,
            ExitCode.Unreachable,
            $"There is no way to {Authority(server)} from here.",
            ["Connect to the tailnet: tailscale up", Doctor],
            error),
        SocketError.AddressNotAvailable or SocketError.AddressFamilyNotSupported or SocketError.InvalidArgument => new(
            ErrorCodes.SourceAddressInvalid,
            ExitCode.Usage,
            $"No connection to {Authority(server)} can be made from {Environment.GetEnvironmentVariable(SourceAddress.Variable) ?? "this address"}.",
            [$"Set {SourceAddress.Variable} to an address of this machine, or unset it."],
            error),
        SocketError.TimedOut => TimedOut(server, TimeSpan.FromSeconds(10), error),
        _ => new(
            ErrorCodes.ServerBroken,
            ExitCode.Unreachable,
            $"The connection to {Authority(server)} broke: {socket.SocketErrorCode}.",
            [Doctor],
            error),
    };

    private static CliException NameUnknown(Uri server, Exception error) => new(
        ErrorCodes.ServerNameUnknown,
        ExitCode.Unreachable,
        $"The name {server.Host} is not known.",
        [
            "Connect to the tailnet: tailscale up. Where tailscaled runs in userspace mode, name its proxy: --proxy socks5h://127.0.0.1:1055",
            server.Host.Contains('.', StringComparison.Ordinal)
                ? "Check the name (--server, tka config tailscale.hostname, tka config tailscale.tailnet)."
                : "Set the tailnet's domain once: tka config tailscale.tailnet example.ts.net --force",
            Doctor,
        ],
        error);

    /// <summary>The error when plain HTTP is sent to a server that speaks TLS.</summary>
    public static CliException SpeaksTls(Uri server, Exception? error) => new(
        ErrorCodes.ServerTls,
        ExitCode.Unreachable,
        $"No answer from {Authority(server)} without TLS: it speaks TLS there.",
        [
            $"Use https: --server https://{server.Authority}",
            "https is used on port 443 and http on others; a URL with its scheme overrides that.",
        ],
        error);

    private static CliException Tls(Uri server, TlsProblem problem, Exception error) => new(
        ErrorCodes.ServerTls,
        ExitCode.Unreachable,
        $"No secure connection to {Authority(server)}: {problem.Reason}.",
        problem.Advice,
        error);

    // The certificate was not even looked at. What .NET says to an answer that is no TLS record at all is the same on all systems.
    private static TlsProblem Handshake(Uri server, Exception error) =>
        Find<AuthenticationException>(error)?.Message.Contains("frame", StringComparison.Ordinal) is true
            ? new("it speaks no TLS there", [$"A server without TLS is reached with http: --server http://{server.Authority}", "Or check host and port."])
            : new(
                "it broke off the handshake",
                [
                    server.DnsSafeHost.Contains('.', StringComparison.Ordinal)
                        ? "Check the name and the port; the server may have no certificate for this name, or be starting."
                        : "Certificates of a tailnet carry full names: set the domain with tka config tailscale.tailnet example.ts.net --force",
                    Doctor,
                ]);

    private static string Authority(Uri server) => server.GetLeftPart(UriPartial.Authority);

    private static T? Find<T>(Exception? error)
        where T : Exception
    {
        for (; error is not null; error = error.InnerException)
        {
            if (error is T found)
            {
                return found;
            }
        }

        return null;
    }
}
