using System.IO.Pipes;
using System.Net.Sockets;
using System.Security.Principal;

namespace TKA.Tailscale.LocalApi;

/// <summary>Where tailscaled listens, and how to connect there: a unix socket, or a named pipe on Windows.</summary>
internal static class LocalApiSocket
{
    private const string PipePrefix = @"\\.\pipe\";

    /// <summary>Default of this system, as <c>paths.DefaultTailscaledSocket</c> in tailscale gives it.</summary>
    public static string DefaultPath
    {
        get
        {
            if (OperatingSystem.IsWindows())
            {
                return PipePrefix + @"ProtectedPrefix\Administrators\Tailscale\tailscaled";
            }

            if (OperatingSystem.IsMacOS())
            {
                return "/var/run/tailscaled.socket";
            }

            return Directory.Exists("/var/run") ? "/var/run/tailscale/tailscaled.sock" : "tailscaled.sock";
        }
    }

    public static async ValueTask<Stream> ConnectAsync(string path, CancellationToken cancellationToken)
    {
        if (path.StartsWith(PipePrefix, StringComparison.OrdinalIgnoreCase))
        {
            return await ConnectPipeAsync(path[PipePrefix.Length..], cancellationToken);
        }

        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), cancellationToken);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private static async ValueTask<Stream> ConnectPipeAsync(string name, CancellationToken cancellationToken)
    {
        // Identification: tailscaled must learn who we are, and must not be able to act as us.
        var pipe = new NamedPipeClientStream(
            ".", name, PipeDirection.InOut, PipeOptions.Asynchronous, TokenImpersonationLevel.Identification);
        try
        {
            await pipe.ConnectAsync(cancellationToken);
            return pipe;
        }
        catch
        {
            await pipe.DisposeAsync();
            throw;
        }
    }
}
