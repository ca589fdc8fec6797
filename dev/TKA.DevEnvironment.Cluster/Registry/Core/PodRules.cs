using System.Text.Json.Nodes;
using TKA.DevEnvironment.Cluster.Registry.Core.Pods;
using TKA.DevEnvironment.Cluster.Storage;
using TKA.DevEnvironment.Cluster.Validation;

namespace TKA.DevEnvironment.Cluster.Registry.Core;

/// <summary>Validation of pod specs, alone and in the templates of workloads.</summary>
internal static class PodRules
{
    private static readonly string[] RestartPolicies = ["Always", "OnFailure", "Never"];

    /// <summary>Fills in a pod spec's defaults.</summary>
    public static void Default(JsonObject spec) => PodDefaults.Apply(spec);

    /// <summary>Validates a template: its labels, annotations and pod spec.</summary>
    public static void ValidateTemplate(JsonObject? template, string path, FieldErrors errors)
    {
        // The real server leaves "metadata" out of these paths.
        FieldChecks.Labels(template.Child("metadata").Child("labels"), $"{path}.labels", errors);
        foreach (var (key, _) in template.Child("metadata").Child("annotations") ?? [])
        {
            if (NameRules.QualifiedName(key.ToLowerInvariant()) is { } problem)
            {
                errors.Invalid($"{path}.annotations", key, problem);
            }
        }

        Validate(template.Child("spec"), $"{path}.spec", errors);
    }

    /// <summary>Validates a pod spec.</summary>
    public static void Validate(JsonObject? spec, string path, FieldErrors errors)
    {
        var volumes = VolumeRules.Validate(spec, path, errors);
        if (spec?.Items("containers") is not { Count: > 0 })
        {
            errors.Required($"{path}.containers");
        }

        var containers = new ContainerRules(spec, volumes, errors);
        containers.Validate("containers", path);
        containers.Validate("initContainers", path);
        if (spec.Text("restartPolicy") is { Length: > 0 } policy && !RestartPolicies.Contains(policy))
        {
            errors.NotSupported($"{path}.restartPolicy", policy, RestartPolicies);
        }

        FieldChecks.NonNegative(spec, path, errors, "terminationGracePeriodSeconds");
        FieldChecks.Between(spec, path, "activeDeadlineSeconds", 1, int.MaxValue, errors);
        foreach (var field in (string[])["serviceAccountName", "nodeName", "priorityClassName", "runtimeClassName"])
        {
            FieldChecks.ObjectName(spec, path, field, errors, required: false);
        }

        ValidateReferences(spec, path, errors);
        SecurityRules.ValidateNetwork(spec, path, errors);
        SecurityRules.ValidatePod(spec, path, errors);
        SchedulingRules.Validate(spec, path, errors);
    }

    private static void ValidateReferences(JsonObject? spec, string path, FieldErrors errors)
    {
        var index = 0;
        foreach (var gate in spec.Objects("readinessGates"))
        {
            if (NameRules.QualifiedName(gate.Text("conditionType")) is { } problem)
            {
                errors.Invalid($"{path}.readinessGates[{index}].conditionType", gate.Text("conditionType"), problem);
            }

            index++;
        }

        if (spec.Child("os") is { } os && os.Text("name") is not ("linux" or "windows"))
        {
            errors.NotSupported($"{path}.os", os.Text("name"), ["linux", "windows"]);
        }

        index = 0;
        foreach (var claim in spec.Objects("resourceClaims"))
        {
            if (claim.Text("resourceClaimName").Length == 0 && claim.Text("resourceClaimTemplateName").Length == 0)
            {
                errors.Invalid($"{path}.resourceClaims[{index}]", claim, "must specify one of: `resourceClaimName`, `resourceClaimTemplateName`");
            }

            index++;
        }
    }
}
