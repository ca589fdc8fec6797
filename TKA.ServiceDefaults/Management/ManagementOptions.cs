using System.Globalization;
using System.Net;
using Microsoft.Extensions.Configuration;
using TKA.ServiceDefaults.Configuration;

namespace TKA.ServiceDefaults.Management;

/// <summary>Where health and metrics are served, apart from the service's own traffic.</summary>
/// <param name="Address">
/// <c>management:address</c>, default 127.0.0.1. Beside a tailscale sidecar in userspace mode set it to the Pod's own address:
/// there every tailnet peer reaches loopback.
/// </param>
/// <param name="Port"><c>management:port</c>, default 8080; 0 takes a free port.</param>
internal sealed record ManagementOptions(IPAddress Address, int Port)
{
    internal const int DefaultPort = 8080;

    /// <summary>Reads the options.</summary>
    /// <exception cref="ConfigurationException">A value is not an IP address or a port.</exception>
    internal static ManagementOptions From(IConfiguration configuration)
    {
        var address = configuration["management:address"];
        var parsedAddress = IPAddress.Loopback;
        if (!string.IsNullOrWhiteSpace(address) && !IPAddress.TryParse(address, out parsedAddress))
        {
            throw new ConfigurationException($"management.address is \"{address}\", which is not an IP address. Write it like 127.0.0.1.");
        }

        var port = configuration["management:port"];
        var parsedPort = DefaultPort;
        if (!string.IsNullOrWhiteSpace(port)
            && (!int.TryParse(port, NumberStyles.None, CultureInfo.InvariantCulture, out parsedPort) || parsedPort > IPEndPoint.MaxPort))
        {
            throw new ConfigurationException($"management.port is \"{port}\", which is not a port. Write a number from 0 to 65535.");
        }

        return new ManagementOptions(parsedAddress, parsedPort);
    }
}
