using System.Buffers.Binary;
using System.Net.Sockets;

namespace TKA.Tailscale.Serving;

/// <summary>Who is at the other end of a unix socket, told by the kernel.</summary>
internal static class PeerCredentials
{
    private const int SolSocket = 1;
    private const int SoPeercred = 17;

    /// <summary>User id of the process that connected or listens; <see langword="null"/> where the system does not tell (only Linux is supported).</summary>
    public static uint? UidOf(Socket socket)
    {
        if (!OperatingSystem.IsLinux())
        {
            return null;
        }

        // struct ucred { pid_t pid; uid_t uid; gid_t gid; }
        Span<byte> credentials = stackalloc byte[12];
        return socket.GetRawSocketOption(SolSocket, SoPeercred, credentials) == credentials.Length
            ? BitConverter.IsLittleEndian
                ? BinaryPrimitives.ReadUInt32LittleEndian(credentials[4..])
                : BinaryPrimitives.ReadUInt32BigEndian(credentials[4..])
            : null;
    }
}
