using System.Net;
using Microsoft.Extensions.Options;
using TKA.Tailscale.LocalApi;

namespace TKA.Tailscale.Serving;

/// <summary>The names and addresses this server answers to.</summary>
internal sealed class OwnNames(
    ILocalApiClient localApi, IOptions<TailscaleOptions> tailscale, IOptions<TailnetListenerOptions> listener, TimeProvider time)
{
    // A renamed node is known by its new name after this; unknown names must not make tailscaled work harder.
    private static readonly TimeSpan Lifetime = TimeSpan.FromSeconds(30);

    private readonly HashSet<string> _configured = new(
        [.. listener.Value.AllowedHosts, "localhost", tailscale.Value.Hostname, $"{tailscale.Value.Hostname}.{tailscale.Value.Tailnet}"],
        StringComparer.OrdinalIgnoreCase);

    private volatile Known? _known;

    /// <summary>Whether a request may be meant for this server.</summary>
    /// <param name="host">Host of the request, without port.</param>
    /// <param name="local">Local address of the connection.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="LocalApiException">tailscaled cannot be asked for the node's names.</exception>
    public async ValueTask<bool> ContainAsync(string host, IPAddress? local, CancellationToken cancellationToken)
    {
        var name = host.TrimEnd('.');
        if (name.Length == 0)
        {
            return false;
        }

        if (_configured.Contains(name))
        {
            return true;
        }

        // A page that rebinds its name keeps sending that name; an address was typed by whoever sends it.
        return IPAddress.TryParse(name.Trim('[', ']'), out var address)
            ? Equals(Unmap(address), Unmap(local)) || (await KnownAsync(cancellationToken)).Addresses.Contains(Unmap(address)!)
            : (await KnownAsync(cancellationToken)).Names.Contains(name);
    }

    private static IPAddress? Unmap(IPAddress? address) => address is { IsIPv4MappedToIPv6: true } ? address.MapToIPv4() : address;

    private async ValueTask<Known> KnownAsync(CancellationToken cancellationToken)
    {
        if (_known is { } known && time.GetElapsedTime(known.At) < Lifetime)
        {
            return known;
        }

        var status = await localApi.StatusAsync(peers: false, cancellationToken);
        var names = new HashSet<string>(status.CertDomains ?? [], StringComparer.OrdinalIgnoreCase);
        if (status.Self?.DNSName.TrimEnd('.') is { Length: > 0 } dns)
        {
            names.Add(dns);
            names.Add(dns.Split('.', 2)[0]);
        }

        HashSet<IPAddress> addresses = [.. (status.TailscaleIPs ?? []).Select(IPAddress.Parse)];
        return _known = new Known(names, addresses, time.GetTimestamp());
    }

    private sealed record Known(HashSet<string> Names, HashSet<IPAddress> Addresses, long At);
}
