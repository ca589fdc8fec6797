using System.Text.Json.Nodes;
using TKA.DevEnvironment.Cluster.Storage;
using TKA.DevEnvironment.Cluster.Validation;

namespace TKA.DevEnvironment.Cluster.Registry.Core;

/// <summary>Endpoints.</summary>
internal sealed class EndpointsStrategy : BuiltinStrategy
{
    /// <inheritdoc/>
    protected override void ValidateContent(JsonObject obj, FieldErrors errors)
    {
        var index = 0;
        foreach (var subset in obj.Objects("subsets"))
        {
            var at = $"subsets[{index++}]";
            if (subset.Objects("addresses").Count + subset.Objects("notReadyAddresses").Count == 0)
            {
                errors.Required(at, "must specify `addresses` or `notReadyAddresses`");
            }

            foreach (var list in (string[])["addresses", "notReadyAddresses"])
            {
                var item = 0;
                foreach (var address in subset.Objects(list))
                {
                    FieldChecks.Address(address.Text("ip"), $"{at}.{list}[{item++}].ip", errors);
                }
            }

            var port = 0;
            foreach (var served in subset.Objects("ports"))
            {
                FieldChecks.Port(served["port"], $"{at}.ports[{port}].port", errors);
                FieldChecks.OneOf(served, $"{at}.ports[{port++}]", "protocol", errors, "SCTP", "TCP", "UDP");
            }
        }
    }
}

/// <summary>EndpointSlices.</summary>
internal sealed class EndpointSliceStrategy : BuiltinStrategy
{
    /// <inheritdoc/>
    protected override void ValidateContent(JsonObject obj, FieldErrors errors)
    {
        var type = obj.Text("addressType");
        if (type.Length == 0)
        {
            errors.Required("addressType");
        }
        else if (type is not ("FQDN" or "IPv4" or "IPv6"))
        {
            errors.NotSupported("addressType", type, ["FQDN", "IPv4", "IPv6"]);
        }

        var endpoints = obj.Objects("endpoints");
        for (var i = 0; type is "IPv4" or "IPv6" && i < endpoints.Count; i++)
        {
            var index = 0;
            foreach (var address in endpoints[i].Strings("addresses"))
            {
                FieldChecks.Address(address, $"endpoints[{i}].addresses[{index++}]", errors);
            }
        }
    }

    /// <inheritdoc/>
    public override void ValidateUpdate(JsonObject obj, JsonObject old, FieldErrors errors) =>
        errors.Immutable("addressType", obj["addressType"], old["addressType"]);
}
