using System.Net;
using System.Net.Sockets;

namespace TKA.Tests.Infrastructure;

/// <summary>
/// Ports for what must come back at the same address, or must know its port before it listens. They lie below the ranges that systems
/// take the port of an outgoing connection or of a listener on port 0 from, so no such socket takes one between two uses.
/// </summary>
internal static class FixedPorts
{
    private const int First = 21_000;
    private const int Count = 10_000;

    private static int Last = Random.Shared.Next(Count);

    /// <summary>A port that is free on 127.0.0.1, different at each call.</summary>
    public static int Next()
    {
        while (true)
        {
            var port = First + ((Interlocked.Increment(ref Last) & int.MaxValue) % Count);
            try
            {
                using var listener = new TcpListener(IPAddress.Loopback, port);
                listener.Start();
                return port;
            }
            catch (SocketException)
            {
                // Another process listens there.
            }
        }
    }
}
