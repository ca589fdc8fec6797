using System.Globalization;
using System.Text.Json.Nodes;
using TKA.DevEnvironment.Cluster.Storage;
using TKA.DevEnvironment.Cluster.Validation;

namespace TKA.DevEnvironment.Cluster.Registry.Core;

/// <summary>Services; cluster addresses are handed out from 10.96.0.0/16, and lead nowhere here.</summary>
internal sealed class ServiceStrategy : BuiltinStrategy
{
    private static readonly string[] Types = ["ClusterIP", "ExternalName", "LoadBalancer", "NodePort"];
    private int _lastAddress = 1;

    /// <inheritdoc/>
    public override string? NameProblem(string name) => NameRules.Label(name);

    /// <inheritdoc/>
    public override void PrepareForCreate(JsonObject obj) => obj["status"] = new JsonObject { ["loadBalancer"] = new JsonObject() };

    /// <inheritdoc/>
    public override void Default(JsonObject obj)
    {
        var spec = obj.ChildOrNew("spec");
        spec["type"] ??= "ClusterIP";
        spec["sessionAffinity"] ??= "None";
        foreach (var port in (spec.Items("ports") ?? []).OfType<JsonObject>())
        {
            port["protocol"] ??= "TCP";
            port["targetPort"] ??= port["port"]?.DeepClone();
        }

        if (spec.Text("type") == "ExternalName")
        {
            return;
        }

        spec["internalTrafficPolicy"] ??= "Cluster";
        spec["ipFamilies"] ??= new JsonArray("IPv4");
        spec["ipFamilyPolicy"] ??= "SingleStack";
        if (spec.Text("clusterIP").Length == 0)
        {
            var next = Interlocked.Increment(ref _lastAddress);
            spec["clusterIP"] = string.Create(CultureInfo.InvariantCulture, $"10.96.{(next >> 8) & 255}.{next & 255}");
        }

        spec["clusterIPs"] ??= new JsonArray(spec.Text("clusterIP"));
    }

    /// <inheritdoc/>
    public override void PrepareForUpdate(JsonObject obj, JsonObject old)
    {
        base.PrepareForUpdate(obj, old);
        var spec = obj.ChildOrNew("spec");
        spec["clusterIP"] ??= old.Child("spec")?["clusterIP"]?.DeepClone();
        spec["clusterIPs"] ??= old.Child("spec")?["clusterIPs"]?.DeepClone();
    }

    /// <inheritdoc/>
    protected override void ValidateContent(JsonObject obj, FieldErrors errors)
    {
        var spec = obj.Child("spec");
        var type = spec.Text("type");
        if (!Types.Contains(type))
        {
            errors.NotSupported("spec.type", type, Types);
        }

        var ports = spec.Items("ports") ?? [];
        if (ports.Count == 0 && type != "ExternalName" && spec.Text("clusterIP") != "None")
        {
            errors.Required("spec.ports");
        }

        var index = 0;
        foreach (var port in ports.OfType<JsonObject>())
        {
            if (port.Integer("port") is not (> 0 and < 65536))
            {
                errors.Invalid($"spec.ports[{index}].port", port["port"], "must be between 1 and 65535, inclusive");
            }

            if (ports.Count > 1 && port.Text("name").Length == 0)
            {
                errors.Required($"spec.ports[{index}].name");
            }

            index++;
        }
    }

    /// <inheritdoc/>
    public override void ValidateUpdate(JsonObject obj, JsonObject old, FieldErrors errors)
    {
        if (old.Child("spec").Text("clusterIP") is { Length: > 0 } && obj.Child("spec").Text("type") != "ExternalName")
        {
            errors.Immutable("spec.clusterIP", obj.Child("spec")?["clusterIP"], old.Child("spec")?["clusterIP"]);
        }
    }
}
