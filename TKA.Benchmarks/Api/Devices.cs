using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;

namespace TKA.Benchmarks.Api;

/// <summary>People of the tailnet, each with a device at a loopback address of its own.</summary>
internal static class Devices
{
    // Of Linux: IPPROTO_IP and IP_BIND_ADDRESS_NO_PORT, ip(7).
    private const int IpLevel = 0;
    private const int BindAddressNoPort = 24;

    public static string Login(int person) => $"person{person}@example.com";

    /// <summary>A policy that grants everybody <c>view</c> for a time.</summary>
    /// <param name="people">How many people there are.</param>
    /// <param name="period">A Go duration.</param>
    public static string Policy(int people, string period)
    {
        var devices = new JsonObject();
        for (var person = 0; person < people; person++)
        {
            devices[Source(person).ToString()] = new JsonObject { ["name"] = $"laptop{person}", ["user"] = Login(person) };
        }

        return new JsonObject
        {
            ["tagOwners"] = new JsonObject { ["tag:tka"] = new JsonArray() },
            ["grants"] = new JsonArray(JsonNode.Parse($$$"""{"src":["*"],"dst":["tag:tka"],"app":{"specht-labs.de/cap/tka":[{"role":"view","period":"{{{period}}}"}]}}""")),
            ["devices"] = devices,
        }.ToJsonString();
    }

    /// <summary>A client on a person's device.</summary>
    public static HttpClient ClientOf(int person, Uri api) => new(new SocketsHttpHandler
    {
        UseProxy = false,
        ConnectCallback = async (context, cancellationToken) =>
        {
            var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            try
            {
                // The port is chosen when the socket connects, as without a bind: chosen before, it must be free of every connection that
                // has been closed in the last minute, and looking for one can take milliseconds.
                socket.SetRawSocketOption(IpLevel, BindAddressNoPort, [1, 0, 0, 0]);
                socket.Bind(new IPEndPoint(Source(person), 0));
                await socket.ConnectAsync(IPAddress.Loopback, context.DnsEndPoint.Port, cancellationToken);
                return new NetworkStream(socket, ownsSocket: true);
            }
            catch
            {
                socket.Dispose();
                throw;
            }
        },
    })
    { BaseAddress = api };

    private static IPAddress Source(int person) => new([127, 0, (byte)(1 + (person / 250)), (byte)(1 + (person % 250))]);
}
