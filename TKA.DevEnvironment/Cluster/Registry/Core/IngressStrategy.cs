using System.Text.Json.Nodes;
using TKA.DevEnvironment.Cluster.Storage;
using TKA.DevEnvironment.Cluster.Validation;

namespace TKA.DevEnvironment.Cluster.Registry.Core;

/// <summary>Ingresses.</summary>
internal sealed class IngressStrategy : BuiltinStrategy
{
    private static readonly string[] PathTypes = ["Exact", "ImplementationSpecific", "Prefix"];

    /// <inheritdoc/>
    protected override void ValidateContent(JsonObject obj, FieldErrors errors)
    {
        var spec = obj.Child("spec");
        var rules = spec.Items("rules") ?? [];
        if (rules.Count == 0 && spec.Child("defaultBackend") is null)
        {
            errors.Invalid("spec", spec, "either `defaultBackend` or `rules` must be specified");
        }

        for (var i = 0; i < rules.Count; i++)
        {
            var paths = (rules[i] as JsonObject).Child("http").Items("paths") ?? [];
            for (var j = 0; j < paths.Count; j++)
            {
                ValidatePath(paths[j] as JsonObject, $"spec.rules[{i}].http.paths[{j}]", errors);
            }
        }
    }

    private static void ValidatePath(JsonObject? path, string at, FieldErrors errors)
    {
        var type = path.Text("pathType");
        if (type.Length > 0 && !PathTypes.Contains(type))
        {
            errors.NotSupported($"{at}.pathType", type, PathTypes);
        }

        if (type is "Exact" or "Prefix" && !path.Text("path").StartsWith('/'))
        {
            errors.Invalid($"{at}.path", path.Text("path"), "must be an absolute path");
        }
    }
}

/// <summary>PodDisruptionBudgets.</summary>
internal sealed class DisruptionBudgetStrategy : BuiltinStrategy
{
    /// <inheritdoc/>
    protected override void ValidateContent(JsonObject obj, FieldErrors errors)
    {
        var spec = obj.Child("spec");
        if (spec?["minAvailable"] is not null && spec["maxUnavailable"] is not null)
        {
            errors.Invalid("spec", spec, "minAvailable and maxUnavailable cannot be both set");
        }
    }
}
