using System.Globalization;
using System.Text.Json.Nodes;
using TKA.DevEnvironment.Cluster.Storage;
using TKA.DevEnvironment.Cluster.Validation;

namespace TKA.DevEnvironment.Cluster.Registry.Core;

/// <summary>Services; cluster addresses are handed out from 10.96.0.0/16, and lead nowhere here.</summary>
internal sealed class ServiceStrategy : BuiltinStrategy
{
    private const int FirstNodePort = 30000;
    private const int NodePorts = 2768;
    private int _lastAddress = 1;
    private int _lastPort;

    /// <inheritdoc/>
    public override string? NameProblem(string name) => NameRules.Label(name);

    /// <inheritdoc/>
    public override void PrepareForCreate(JsonObject obj)
    {
        obj["status"] = new JsonObject { ["loadBalancer"] = new JsonObject() };
        var spec = obj.ChildOrNew("spec");
        if (spec.Text("type") != "ExternalName")
        {
            Allocate(spec);
        }
    }

    /// <inheritdoc/>
    public override void Default(JsonObject obj)
    {
        var spec = obj.ChildOrNew("spec");
        spec["type"] ??= "ClusterIP";
        spec["sessionAffinity"] ??= "None";
        if (spec.Text("sessionAffinity") == "ClientIP")
        {
            spec.ChildOrNew("sessionAffinityConfig").ChildOrNew("clientIP")["timeoutSeconds"] ??= 10800;
        }

        foreach (var port in spec.Objects("ports"))
        {
            port["protocol"] ??= "TCP";
            if (port["targetPort"] is null || port.Integer("targetPort") == 0 || port.Text("targetPort") is "" && port["targetPort"] is JsonValue text && text.TryGetValue<string>(out _))
            {
                port["targetPort"] = port["port"]?.DeepClone();
            }
        }

        var type = spec.Text("type");
        if (type is "NodePort" or "LoadBalancer")
        {
            spec["externalTrafficPolicy"] ??= "Cluster";
        }

        if (type == "LoadBalancer")
        {
            spec["allocateLoadBalancerNodePorts"] ??= true;
        }

        if (type is "NodePort" or "LoadBalancer" or "ClusterIP")
        {
            spec["internalTrafficPolicy"] ??= "Cluster";
        }
    }

    private void Allocate(JsonObject spec)
    {
        spec["ipFamilies"] ??= new JsonArray("IPv4");
        spec["ipFamilyPolicy"] ??= "SingleStack";
        if (spec.Text("clusterIP").Length == 0)
        {
            var next = Interlocked.Increment(ref _lastAddress);
            spec["clusterIP"] = string.Create(CultureInfo.InvariantCulture, $"10.96.{(next >> 8) & 255}.{next & 255}");
        }

        spec["clusterIPs"] ??= new JsonArray(spec.Text("clusterIP"));
        if (spec.Text("type") is not ("NodePort" or "LoadBalancer"))
        {
            return;
        }

        foreach (var port in spec.Objects("ports").Where(p => (p.Integer("nodePort") ?? 0) == 0))
        {
            port["nodePort"] = FirstNodePort + (Interlocked.Increment(ref _lastPort) % NodePorts);
        }
    }

    /// <inheritdoc/>
    public override void PrepareForUpdate(JsonObject obj, JsonObject old)
    {
        base.PrepareForUpdate(obj, old);
        var spec = obj.ChildOrNew("spec");
        if (spec.Text("clusterIP").Length == 0)
        {
            spec["clusterIP"] = old.Child("spec")?["clusterIP"]?.DeepClone();
            spec["clusterIPs"] = old.Child("spec")?["clusterIPs"]?.DeepClone();
        }

        spec["clusterIPs"] ??= old.Child("spec")?["clusterIPs"]?.DeepClone();
    }

    /// <inheritdoc/>
    protected override void ValidateContent(JsonObject obj, FieldErrors errors) => ServiceRules.Validate(obj.Child("spec"), errors);

    /// <inheritdoc/>
    public override void ValidateUpdate(JsonObject obj, JsonObject old, FieldErrors errors)
    {
        if (old.Child("spec").Text("clusterIP") is { Length: > 0 } && obj.Child("spec").Text("type") != "ExternalName")
        {
            errors.Immutable("spec.clusterIPs[0]", obj.Child("spec")?["clusterIP"], old.Child("spec")?["clusterIP"]);
        }
    }
}
