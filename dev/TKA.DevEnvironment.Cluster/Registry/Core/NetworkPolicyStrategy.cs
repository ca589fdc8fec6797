using System.Net;
using System.Text.Json.Nodes;
using TKA.DevEnvironment.Cluster.Selection;
using TKA.DevEnvironment.Cluster.Storage;
using TKA.DevEnvironment.Cluster.Validation;

namespace TKA.DevEnvironment.Cluster.Registry.Core;

/// <summary>NetworkPolicies. Nothing enforces them here, as in a cluster whose network plugin does not.</summary>
internal sealed class NetworkPolicyStrategy : BuiltinStrategy
{
    /// <inheritdoc/>
    public override void Default(JsonObject obj)
    {
        var spec = obj.ChildOrNew("spec");
        spec.ChildOrNew("podSelector");
        foreach (var port in spec.Objects("ingress").Concat(spec.Objects("egress")).SelectMany(rule => rule.Objects("ports")))
        {
            port["protocol"] ??= "TCP";
        }

        if (spec.Items("policyTypes") is not { Count: > 0 })
        {
            spec["policyTypes"] = spec.Objects("egress").Count > 0 ? new JsonArray("Ingress", "Egress") : new JsonArray("Ingress");
        }
    }

    /// <inheritdoc/>
    protected override void ValidateContent(JsonObject obj, FieldErrors errors)
    {
        var spec = obj.Child("spec");
        StructuredLabelSelector.Validate(spec?["podSelector"], "spec.podSelector", errors);
        foreach (var (direction, peers) in new[] { ("ingress", "from"), ("egress", "to") })
        {
            var rules = spec.Objects(direction);
            for (var i = 0; i < rules.Count; i++)
            {
                ValidateRule(rules[i], peers, $"spec.{direction}[{i}]", errors);
            }
        }

        var types = spec.Strings("policyTypes").ToList();
        if (types.Count > 2)
        {
            errors.Invalid("spec.policyTypes", spec?["policyTypes"]?.DeepClone(), "may not specify more than two policyTypes");
            return;
        }

        for (var i = 0; i < types.Count; i++)
        {
            if (types[i] is not ("Ingress" or "Egress"))
            {
                errors.NotSupported($"spec.policyTypes[{i}]", types[i], ["Ingress", "Egress"]);
            }
        }
    }

    private static void ValidateRule(JsonObject rule, string peers, string path, FieldErrors errors)
    {
        var index = 0;
        foreach (var port in rule.Objects("ports"))
        {
            ValidatePort(port, $"{path}.ports[{index++}]", errors);
        }

        index = 0;
        foreach (var peer in rule.Objects(peers))
        {
            ValidatePeer(peer, $"{path}.{peers}[{index++}]", errors);
        }
    }

    private static void ValidatePort(JsonObject port, string path, FieldErrors errors)
    {
        FieldChecks.OneOf(port, path, "protocol", errors, "TCP", "UDP", "SCTP");
        if (port["port"] is { } value)
        {
            FieldChecks.PortOrName(value, $"{path}.port", errors);
        }

        if (port.Integer("endPort") is not { } end)
        {
            return;
        }

        if (port["port"] is null)
        {
            errors.Invalid($"{path}.endPort", end, "may not be specified when `port` is not specified");
        }
        else if (port.Integer("port") is not { } start)
        {
            errors.Invalid($"{path}.endPort", end, "may not be specified when `port` is non-numeric");
        }
        else if (end < start)
        {
            errors.Invalid($"{path}.endPort", start, "must be greater than or equal to `port`");
        }
    }

    private static void ValidatePeer(JsonObject peer, string path, FieldErrors errors)
    {
        StructuredLabelSelector.Validate(peer["podSelector"], $"{path}.podSelector", errors);
        StructuredLabelSelector.Validate(peer["namespaceSelector"], $"{path}.namespaceSelector", errors);
        if (peer.Child("ipBlock") is not { } block)
        {
            if (peer["podSelector"] is null && peer["namespaceSelector"] is null)
            {
                errors.Required(path, "must specify a peer");
            }

            return;
        }

        if (peer["podSelector"] is not null || peer["namespaceSelector"] is not null)
        {
            errors.Forbidden(path, "may not specify both ipBlock and another peer");
        }

        var network = block.Text("cidr");
        if (!FieldChecks.Network(network, $"{path}.ipBlock.cidr", errors))
        {
            return;
        }

        var whole = IPNetwork.Parse(network);
        var index = 0;
        foreach (var except in block.Strings("except"))
        {
            var at = $"{path}.ipBlock.except[{index++}]";
            if (FieldChecks.Network(except, at, errors)
                && IPNetwork.Parse(except) is var part
                && (!whole.Contains(part.BaseAddress) || part.PrefixLength <= whole.PrefixLength))
            {
                errors.Invalid(at, except, "must be a strict subset of `cidr`");
            }
        }
    }
}
