using System.Net;
using Microsoft.Extensions.Options;
using TKA.Api.Configuration;
using TKA.Tailscale;
using TKA.Tailscale.LocalApi;

namespace TKA.Api.Http;

/// <summary>The names and addresses this server answers to.</summary>
internal sealed class NodeNames(
    ILocalApiClient localApi, IOptions<TailscaleOptions> tailscale, IOptions<ServerOptions> server, TimeProvider time)
{
    // A renamed node is known by its new name after this; unknown names must not make tailscaled work harder.
    private static readonly TimeSpan Lifetime = TimeSpan.FromSeconds(30);

    private readonly HashSet<string> _fixed = Fixed(tailscale.Value, server.Value);
    private volatile Known? _known;

    /// <summary>Whether a request may be meant for this server.</summary>
    /// <param name="host">Host of the request, without port.</param>
    /// <param name="local">Local address of the connection.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="LocalApiException">tailscaled cannot be asked for the node's names.</exception>
    public async ValueTask<bool> IsOwnAsync(string host, IPAddress? local, CancellationToken cancellationToken)
    {
        var name = host.TrimEnd('.');
        if (name.Length == 0)
        {
            return false;
        }

        if (_fixed.Contains(name))
        {
            return true;
        }

        // A page that rebinds its name keeps sending that name; an address in Host was typed by whoever sends it.
        if (IPAddress.TryParse(name.Trim('[', ']'), out var address))
        {
            var unmapped = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
            var own = local is { IsIPv4MappedToIPv6: true } ? local.MapToIPv4() : local;
            return unmapped.Equals(own) || (await KnownAsync(cancellationToken)).Addresses.Contains(unmapped);
        }

        return (await KnownAsync(cancellationToken)).Names.Contains(name);
    }

    private async ValueTask<Known> KnownAsync(CancellationToken cancellationToken)
    {
        if (_known is { } known && time.GetElapsedTime(known.At) < Lifetime)
        {
            return known;
        }

        var status = await localApi.StatusAsync(peers: false, cancellationToken);
        var names = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        foreach (var name in status.CertDomains ?? [])
        {
            names.Add(name.TrimEnd('.'));
        }

        if (status.Self?.DNSName.TrimEnd('.') is { Length: > 0 } dns)
        {
            names.Add(dns);
            names.Add(dns.Split('.', 2)[0]);
        }

        var addresses = (status.TailscaleIPs ?? []).Select(text => IPAddress.TryParse(text, out var ip) ? ip : IPAddress.None).ToHashSet();
        return _known = new Known(names, addresses, time.GetTimestamp());
    }

    private static HashSet<string> Fixed(TailscaleOptions tailscale, ServerOptions server)
    {
        var names = new HashSet<string>(server.AllowedHosts, StringComparer.OrdinalIgnoreCase) { "localhost", tailscale.Hostname };
        if (tailscale.Tailnet.Length > 0)
        {
            names.Add($"{tailscale.Hostname}.{tailscale.Tailnet}");
        }

        return names;
    }

    private sealed record Known(HashSet<string> Names, HashSet<IPAddress> Addresses, long At);
}
