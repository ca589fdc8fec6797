using System.Text.Json.Nodes;
using TKA.DevEnvironment.Cluster.Storage;
using TKA.DevEnvironment.Cluster.Validation;

namespace TKA.DevEnvironment.Cluster.Registry.Core;

/// <summary>Validates Services.</summary>
internal static class ServiceRules
{
    private const string Network = "10.96.0.0/16";
    private const int LongestAffinity = 86400;
    private static readonly string[] Types = ["ClusterIP", "ExternalName", "LoadBalancer", "NodePort"];
    private static readonly string[] Policies = ["Cluster", "Local"];

    /// <summary>Validates a Service's spec.</summary>
    public static void Validate(JsonObject? spec, FieldErrors errors)
    {
        var type = spec.Text("type");
        var external = type is "NodePort" or "LoadBalancer";
        FieldChecks.OneOf(spec, "spec", "type", errors, Types);
        FieldChecks.OneOf(spec, "spec", "sessionAffinity", errors, "ClientIP", "None");
        FieldChecks.OneOf(spec, "spec", "internalTrafficPolicy", errors, Policies);
        FieldChecks.OneOf(spec, "spec", "ipFamilyPolicy", errors, "PreferDualStack", "RequireDualStack", "SingleStack");
        FieldChecks.Labels(spec.Child("selector"), "spec.selector", errors);
        ValidateAddresses(spec, type, errors);
        ValidatePorts(spec, external, errors);
        if (external)
        {
            FieldChecks.OneOf(spec, "spec", "externalTrafficPolicy", errors, Policies);
        }
        else if (spec.Text("externalTrafficPolicy") is { Length: > 0 } policy)
        {
            errors.Invalid("spec.externalTrafficPolicy", policy, "may only be set for externally-accessible services");
        }

        if (type != "LoadBalancer" && spec?["allocateLoadBalancerNodePorts"] is not null)
        {
            errors.Forbidden("spec.allocateLoadBalancerNodePorts", "may only be used when `type` is 'LoadBalancer'");
        }

        if (spec.Child("sessionAffinityConfig").Child("clientIP").Integer("timeoutSeconds") is (<= 0 or > LongestAffinity) and var seconds)
        {
            errors.Invalid("spec.sessionAffinityConfig.clientIP.timeoutSeconds", seconds, "must be greater than 0 and less than 86400");
        }

        if (type != "ExternalName")
        {
            return;
        }

        var name = spec.Text("externalName").TrimEnd('.');
        if (name.Length == 0)
        {
            errors.Required("spec.externalName");
        }
        else if (NameRules.Subdomain(name) is { } problem)
        {
            errors.Invalid("spec.externalName", name, problem);
        }
    }

    private static void ValidateAddresses(JsonObject? spec, string type, FieldErrors errors)
    {
        var address = spec.Text("clusterIP");
        if (type != "ExternalName" && address.Length > 0 && address != "None")
        {
            var before = errors.Causes.Count;
            FieldChecks.Address(address, "spec.clusterIPs[0]", errors);
            if (errors.Causes.Count == before && !System.Net.IPNetwork.Parse(Network).Contains(System.Net.IPAddress.Parse(address)))
            {
                errors.Invalid("spec.clusterIPs", new JsonArray(address), $"failed to allocate IP {address}: the provided IP ({address}) is not in the valid range. The range of valid IPs is {Network}");
            }
        }

        var index = 0;
        foreach (var external in spec.Strings("externalIPs"))
        {
            FieldChecks.Address(external, $"spec.externalIPs[{index++}]", errors);
        }

        index = 0;
        foreach (var range in spec.Strings("loadBalancerSourceRanges"))
        {
            FieldChecks.Network(range, $"spec.LoadBalancerSourceRanges[{index++}]", errors);
        }

        index = 0;
        foreach (var family in spec.Strings("ipFamilies"))
        {
            if (family is not ("IPv4" or "IPv6"))
            {
                errors.NotSupported($"spec.ipFamilies[{index}]", family, ["IPv4", "IPv6"]);
            }

            index++;
        }
    }

    private static void ValidatePorts(JsonObject? spec, bool external, FieldErrors errors)
    {
        var ports = spec.Objects("ports");
        if (ports.Count == 0 && spec.Text("type") != "ExternalName" && spec.Text("clusterIP") != "None")
        {
            errors.Required("spec.ports");
        }

        var names = new HashSet<string>();
        var served = new HashSet<(string, long)>();
        for (var i = 0; i < ports.Count; i++)
        {
            var (port, at) = (ports[i], $"spec.ports[{i}]");
            var name = port.Text("name");
            if (name.Length == 0)
            {
                if (ports.Count > 1)
                {
                    errors.Required($"{at}.name");
                }
            }
            else if (NameRules.Label(name) is { } problem)
            {
                errors.Invalid($"{at}.name", name, problem);
            }
            else if (!names.Add(name))
            {
                errors.Duplicate($"{at}.name", name);
            }

            FieldChecks.Port(port["port"], $"{at}.port", errors);
            FieldChecks.OneOf(port, at, "protocol", errors, "SCTP", "TCP", "UDP");
            FieldChecks.PortOrName(port["targetPort"], $"{at}.targetPort", errors);
            if (port.Integer("port") is { } number && !served.Add((port.Text("protocol"), number)))
            {
                errors.Duplicate(at, new JsonObject { ["protocol"] = port.Text("protocol"), ["port"] = number });
            }

            if (port.Integer("nodePort") is not (null or 0) and var node)
            {
                ValidateNodePort(node.Value, external, at, errors);
            }
        }
    }

    private static void ValidateNodePort(long port, bool external, string at, FieldErrors errors)
    {
        if (!external)
        {
            errors.Forbidden($"{at}.nodePort", "may not be used when `type` is 'ClusterIP'");
        }
        else if (port is < 30000 or > 32767)
        {
            errors.Invalid($"{at}.nodePort", port, "provided port is not in the valid range. The range of valid ports is 30000-32767");
        }
    }
}
