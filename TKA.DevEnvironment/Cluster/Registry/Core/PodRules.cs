using System.Text.Json.Nodes;
using TKA.DevEnvironment.Cluster.Storage;
using TKA.DevEnvironment.Cluster.Validation;

namespace TKA.DevEnvironment.Cluster.Registry.Core;

/// <summary>Defaults and validation of pod specs, alone and in the templates of workloads.</summary>
internal static class PodRules
{
    private static readonly string[] RestartPolicies = ["Always", "OnFailure", "Never"];
    private static readonly string[] PullPolicies = ["Always", "IfNotPresent", "Never"];

    /// <summary>Fills in a pod spec's defaults.</summary>
    public static void Default(JsonObject spec)
    {
        Set(spec, "restartPolicy", "Always");
        Set(spec, "terminationGracePeriodSeconds", 30);
        Set(spec, "dnsPolicy", "ClusterFirst");
        Set(spec, "schedulerName", "default-scheduler");
        if (spec["securityContext"] is null)
        {
            spec["securityContext"] = new JsonObject();
        }

        if (spec.Text("serviceAccountName") is { Length: > 0 } account)
        {
            spec["serviceAccount"] = account;
        }

        foreach (var container in Containers(spec))
        {
            DefaultContainer(container);
        }
    }

    /// <summary>Validates a pod spec.</summary>
    public static void Validate(JsonObject? spec, string path, FieldErrors errors)
    {
        if (spec?.Items("containers") is not { Count: > 0 })
        {
            errors.Required($"{path}.containers");
        }

        var names = new HashSet<string>();
        foreach (var list in (string[])["initContainers", "containers"])
        {
            var index = 0;
            foreach (var container in spec.Items(list) ?? [])
            {
                ValidateContainer(container as JsonObject, $"{path}.{list}[{index++}]", names, errors);
            }
        }

        if (spec.Text("restartPolicy") is { Length: > 0 } policy && !RestartPolicies.Contains(policy))
        {
            errors.NotSupported($"{path}.restartPolicy", policy, RestartPolicies);
        }
    }

    private static void ValidateContainer(JsonObject? container, string path, HashSet<string> names, FieldErrors errors)
    {
        var name = container.Text("name");
        if (name.Length == 0)
        {
            errors.Required($"{path}.name");
        }
        else if (NameRules.Label(name) is { } problem)
        {
            errors.Invalid($"{path}.name", name, problem);
        }
        else if (!names.Add(name))
        {
            errors.Duplicate($"{path}.name", name);
        }

        if (container.Text("image").Length == 0)
        {
            errors.Required($"{path}.image");
        }

        if (container.Text("imagePullPolicy") is { Length: > 0 } policy && !PullPolicies.Contains(policy))
        {
            errors.NotSupported($"{path}.imagePullPolicy", policy, PullPolicies);
        }

        var index = 0;
        foreach (var port in (container.Items("ports") ?? []).OfType<JsonObject>())
        {
            if (port.Integer("containerPort") is not (> 0 and < 65536))
            {
                errors.Invalid($"{path}.ports[{index}].containerPort", port["containerPort"], "must be between 1 and 65535, inclusive");
            }

            index++;
        }
    }

    private static void DefaultContainer(JsonObject container)
    {
        var image = container.Text("image");
        var tagged = image.LastIndexOf(':') > image.LastIndexOf('/') && !image.EndsWith(":latest", StringComparison.Ordinal);
        Set(container, "imagePullPolicy", tagged ? "IfNotPresent" : "Always");
        Set(container, "terminationMessagePath", "/dev/termination-log");
        Set(container, "terminationMessagePolicy", "File");
        if (container["resources"] is null)
        {
            container["resources"] = new JsonObject();
        }

        foreach (var port in (container.Items("ports") ?? []).OfType<JsonObject>())
        {
            Set(port, "protocol", "TCP");
        }
    }

    private static IEnumerable<JsonObject> Containers(JsonObject spec) =>
        (spec.Items("initContainers") ?? []).Concat(spec.Items("containers") ?? []).OfType<JsonObject>();

    private static void Set(JsonObject obj, string name, JsonNode value)
    {
        if (obj[name] is null)
        {
            obj[name] = value;
        }
    }
}
