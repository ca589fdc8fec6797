using System.Text.Json.Nodes;
using TKA.DevEnvironment.Cluster.Storage;
using TKA.DevEnvironment.Cluster.Validation;

namespace TKA.DevEnvironment.Cluster.Registry.Core.Pods;

/// <summary>Environment variables of containers, and what else can be read from the pod itself.</summary>
internal static class EnvironmentRules
{
    private static readonly string[] Sources = ["fieldRef", "resourceFieldRef", "configMapKeyRef", "secretKeyRef", "fileKeyRef"];

    private static readonly string[] WholeSources = ["configMapRef", "secretRef"];

    private static readonly HashSet<string> Fields =
    [
        "metadata.name", "metadata.namespace", "metadata.uid", "spec.nodeName", "spec.serviceAccountName", "status.hostIP", "status.hostIPs",
        "status.podIP", "status.podIPs",
    ];

    private static readonly string[] Resources =
        ["limits.cpu", "limits.ephemeral-storage", "limits.memory", "requests.cpu", "requests.ephemeral-storage", "requests.memory"];

    /// <summary>Validates <c>env</c> and <c>envFrom</c>.</summary>
    public static void Validate(JsonObject? container, string path, FieldErrors errors)
    {
        var index = 0;
        foreach (var variable in container.Objects("env"))
        {
            ValidateVariable(variable, $"{path}.env[{index++}]", errors);
        }

        index = 0;
        foreach (var source in container.Objects("envFrom"))
        {
            ValidateSource(source, path, $"{path}.envFrom[{index++}]", errors);
        }
    }

    /// <summary>Validates a reference to a field of the pod.</summary>
    public static void ValidateField(JsonObject reference, string path, bool labels, FieldErrors errors)
    {
        var field = reference.Text("fieldPath");
        if (reference.Text("apiVersion").Length == 0)
        {
            errors.Required($"{path}.apiVersion");
        }
        else if (field.Length == 0)
        {
            errors.Required($"{path}.fieldPath");
        }
        else if (!Fields.Contains(field) && !IsKeyed(field) && !(labels && field is "metadata.labels" or "metadata.annotations"))
        {
            if (field is "metadata.labels" or "metadata.annotations")
            {
                errors.NotSupported($"{path}.fieldPath", field, Fields.Order(StringComparer.Ordinal));
            }
            else
            {
                errors.Invalid($"{path}.fieldPath", field, $"error converting fieldPath: field label not supported: {field}");
            }
        }
    }

    /// <summary>Validates a reference to a resource of a container.</summary>
    public static void ValidateResource(JsonObject reference, string path, FieldErrors errors)
    {
        var resource = reference.Text("resource");
        if (resource.Length == 0)
        {
            errors.Required($"{path}.resource");
        }
        else if (!Resources.Contains(resource) && !resource.Contains("hugepages-", StringComparison.Ordinal))
        {
            errors.NotSupported($"{path}.resource", resource, Resources);
        }
    }

    private static bool IsKeyed(string field) =>
        (field.StartsWith("metadata.labels['", StringComparison.Ordinal) || field.StartsWith("metadata.annotations['", StringComparison.Ordinal))
        && field.EndsWith("']", StringComparison.Ordinal);

    private static void ValidateVariable(JsonObject variable, string path, FieldErrors errors)
    {
        var name = variable.Text("name");
        if (name.Length == 0)
        {
            errors.Required($"{path}.name");
        }
        else if (!name.All(c => c is >= ' ' and <= '~' and not '='))
        {
            errors.Invalid($"{path}.name", name, "a valid environment variable name must consist only of printable ASCII characters other than '='");
        }

        if (variable.Child("valueFrom") is not { } from)
        {
            return;
        }

        var at = $"{path}.valueFrom";
        var present = Sources.Where(s => from.Child(s) is not null).ToList();
        if (present.Count == 0)
        {
            errors.Invalid(at, "", "must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef`, `secretKeyRef` or `fileKeyRef`");
        }
        else if (variable.Text("value").Length > 0)
        {
            errors.Invalid(at, "", "may not be specified when `value` is not empty");
        }
        else if (present.Count > 1)
        {
            errors.Invalid(at, "", "may not have more than one field specified at a time");
        }

        foreach (var source in present)
        {
            ValidateReference(source, from.Child(source)!, $"{at}.{source}", errors);
        }
    }

    private static void ValidateReference(string source, JsonObject reference, string path, FieldErrors errors)
    {
        switch (source)
        {
            case "fieldRef":
                ValidateField(reference, path, labels: false, errors);
                break;
            case "resourceFieldRef":
                ValidateResource(reference, path, errors);
                break;
            case "configMapKeyRef" or "secretKeyRef":
                var key = reference.Text("key");
                if (NameRules.Subdomain(reference.Text("name")) is { } badName)
                {
                    errors.Invalid($"{path}.name", reference.Text("name"), badName);
                }

                if (key.Length == 0)
                {
                    errors.Required($"{path}.key");
                }
                else if (NameRules.ConfigKey(key) is { } badKey)
                {
                    errors.Invalid($"{path}.key", key, badKey);
                }

                break;
            default:
                break;
        }
    }

    private static void ValidateSource(JsonObject source, string container, string path, FieldErrors errors)
    {
        var present = WholeSources.Where(s => source.Child(s) is not null).ToList();
        foreach (var reference in present)
        {
            FieldChecks.ObjectName(source.Child(reference), $"{path}.{reference}", "name", errors);
        }

        if (present.Count == 0)
        {
            errors.Invalid($"{container}.envFrom", "", "must specify one of: `configMapRef` or `secretRef`");
        }
        else if (present.Count > 1)
        {
            errors.Invalid($"{container}.envFrom", "", "may not have more than one field specified at a time");
        }
    }
}
