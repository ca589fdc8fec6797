using System.Buffers;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace TKA.DevEnvironment.Tailnet.LocalApi;

/// <summary>The endpoints under <c>/localapi/v0/</c>, with the texts of tailscaled 1.96.4.</summary>
internal sealed class LocalApiServer(
    EmbeddedTailnetOptions options, PolicyStore policies, CertificateAuthority authority, CancellationToken stopping)
{
    private static readonly SearchValues<char> Hex = SearchValues.Create("0123456789abcdefABCDEF");

    private readonly NodeJson _json = new(options);
    private readonly BackendState _backend = new();
    private readonly ServeConfigStore _serve = new();

    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapMethods("/localapi/v0/whois", ["GET", "POST"], WhoIsAsync);
        routes.MapMethods("/localapi/v0/status", ["GET", "POST"], StatusAsync);
        routes.MapMethods("/localapi/v0/cert/{domain}", ["GET"], CertificateAsync);
        routes.MapMethods("/localapi/v0/serve-config", ["GET", "POST"], _serve.HandleAsync);
        routes.MapMethods("/localapi/v0/watch-ipn-bus", ["GET"], new IpnBus(_backend, stopping).HandleAsync);
        routes.MapMethods("/localapi/v0/prefs", ["GET", "PATCH"], PrefsAsync);
        routes.Map("/localapi/v0/dial", new DialEndpoint(policies).HandleAsync);
        routes.MapFallback("{**path}", context => GoResponses.ErrorAsync(context, 404, "404 page not found"));
    }

    private Task WhoIsAsync(HttpContext context)
    {
        var addr = (string?)context.Request.Query["addr"];
        if (string.IsNullOrEmpty(addr))
        {
            return GoResponses.ErrorAsync(context, 400, "missing 'addr' parameter");
        }

        // The whole answer uses one view, so that a policy reload does not mix two tailnets.
        var view = policies.View;
        TailnetNode? node;
        if (addr.StartsWith("nodekey:", StringComparison.Ordinal))
        {
            if (addr.Length != "nodekey:".Length + 64 || addr.AsSpan("nodekey:".Length).ContainsAnyExcept(Hex))
            {
                return GoResponses.ErrorAsync(context, 400, "invalid nodekey in 'addr' parameter");
            }

            node = view.ByKey(addr);
        }
        else if (WhoIsAddress.TryParse(addr, out var address, out var port))
        {
            node = Find(view, address, port, context.Request.Query["proto"]);
        }
        else
        {
            return GoResponses.ErrorAsync(context, 400, "invalid 'addr' parameter");
        }

        return node is null
            ? GoResponses.ErrorAsync(context, 404, "no match for IP:port")
            : GoResponses.JsonAsync(context, _json.WhoIs(node, view.CapabilitiesOf(node)));
    }

    /// <summary>A node address first, whatever the port; then what userspace networking would have proxied, TCP only.</summary>
    private static TailnetNode? Find(TailnetView view, IPAddress address, int port, string? proto) =>
        view.ByAddress(address)
        ?? (port > 0
            && proto is null or "" or "tcp"
            && address.AddressFamily == AddressFamily.InterNetwork
            && IPAddress.IsLoopback(address)
                ? view.ByLoopback(address)
                : null);

    private Task StatusAsync(HttpContext context)
    {
        var peers = context.Request.Query["peers"].ToString();
        return TryGoBool(peers.Length == 0 ? "true" : peers, out var wanted)
            ? GoResponses.JsonAsync(context, _json.Status(policies.View, _backend.Name, wanted))
            : GoResponses.ErrorAsync(context, 400, "invalid 'peers' parameter");
    }

    private Task CertificateAsync(HttpContext context)
    {
        var type = (string?)context.Request.Query["type"];
        if (type is not (null or "" or "pair" or "cert" or "key"))
        {
            return GoResponses.ErrorAsync(context, 400, "invalid type; want \"crt\", \"pair\" or \"key\"");
        }

        var minValidity = TimeSpan.Zero;
        var text = (string?)context.Request.Query["min_validity"];
        if (!string.IsNullOrEmpty(text) && !Contracts.GoDuration.TryParse(text, out minValidity))
        {
            return GoResponses.ErrorAsync(context, 400, "invalid validity parameter");
        }

        var domain = (string)context.Request.RouteValues["domain"]!;
        var own = policies.View.Self.DnsName;
        if (domain != own)
        {
            return GoResponses.ErrorAsync(context, 500, $"invalid domain \"{domain}\"; must be one of [\"{own}\"]");
        }

        var issued = authority.Get(domain, minValidity);
        context.Response.ContentType = "text/plain";
        return context.Response.WriteAsync(
            type switch { "cert" => issued.Chain, "key" => issued.Key, _ => issued.Key + issued.Chain }, context.RequestAborted);
    }

    /// <summary>The one preference that matters here: <c>tailscale down</c> and <c>up</c> clear and set WantRunning.</summary>
    private async Task PrefsAsync(HttpContext context)
    {
        if (context.Request.Method == "PATCH")
        {
            try
            {
                var patch = await JsonNode.ParseAsync(context.Request.Body, cancellationToken: context.RequestAborted) as JsonObject;
                if (patch?["WantRunningSet"]?.GetValue<bool>() == true)
                {
                    _backend.WantRunning = patch["WantRunning"]?.GetValue<bool>() ?? false;
                }
            }
            catch (Exception exception) when (exception is JsonException or InvalidOperationException)
            {
                await GoResponses.ErrorAsync(context, 400, exception.Message);
                return;
            }
        }

        await GoResponses.JsonAsync(context, new JsonObject { ["WantRunning"] = _backend.WantRunning, ["Hostname"] = TailnetNode.Tka });
    }

    private static bool TryGoBool(string text, out bool value)
    {
        value = text is "1" or "t" or "T" or "TRUE" or "true" or "True";
        return value || text is "0" or "f" or "F" or "FALSE" or "false" or "False";
    }
}
