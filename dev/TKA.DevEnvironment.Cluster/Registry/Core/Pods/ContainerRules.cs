using System.Text.Json.Nodes;
using TKA.DevEnvironment.Cluster.Storage;
using TKA.DevEnvironment.Cluster.Validation;

namespace TKA.DevEnvironment.Cluster.Registry.Core.Pods;

/// <summary>Validates the containers of a pod spec.</summary>
internal sealed class ContainerRules(JsonObject? spec, HashSet<string> volumes, FieldErrors errors)
{
    private static readonly string[] PullPolicies = ["Always", "IfNotPresent", "Never"];
    private readonly HashSet<string> _names = [];

    /// <summary>Validates one list of containers.</summary>
    public void Validate(string list, string path)
    {
        var index = 0;
        foreach (var node in spec.Items(list) ?? [])
        {
            var container = node as JsonObject;
            var at = $"{path}.{list}[{index++}]";
            ValidateContainer(container, at);
            var sidecar = container.Text("restartPolicy") == "Always";
            if (list != "initContainers" || sidecar)
            {
                ProbeRules.Validate(container, at, spec.Integer("terminationGracePeriodSeconds") ?? 30, errors);
                continue;
            }

            foreach (var field in (string[])["lifecycle", "livenessProbe", "readinessProbe", "startupProbe"])
            {
                if (container?[field] is not null)
                {
                    errors.Forbidden($"{at}.{field}", "may not be set for init containers without restartPolicy=Always");
                }
            }
        }
    }

    private void ValidateContainer(JsonObject? container, string path)
    {
        var (name, image) = (container.Text("name"), container.Text("image"));
        if (name.Length == 0)
        {
            errors.Required($"{path}.name");
        }
        else if (NameRules.Label(name) is { } problem)
        {
            errors.Invalid($"{path}.name", name, problem);
        }
        else if (!_names.Add(name))
        {
            errors.Duplicate($"{path}.name", name);
        }

        if (image.Length == 0)
        {
            errors.Required($"{path}.image");
        }
        else if (image.Trim().Length != image.Length)
        {
            errors.Invalid($"{path}.image", image, "must not have leading or trailing whitespace");
        }

        FieldChecks.OneOf(container, path, "imagePullPolicy", errors, PullPolicies);
        FieldChecks.OneOf(container, path, "terminationMessagePolicy", errors, "File", "FallbackToLogsOnError");
        FieldChecks.OneOf(container, path, "restartPolicy", errors, "Always", "Never", "OnFailure");
        ValidatePorts(container, path);
        EnvironmentRules.Validate(container, path, errors);
        ResourceRules.Validate(container.Child("resources"), $"{path}.resources", errors);
        VolumeRules.ValidateMounts(container, path, volumes, errors);
        SecurityRules.ValidateContainer(container, path, errors);
    }

    private void ValidatePorts(JsonObject? container, string path)
    {
        var names = new HashSet<string>();
        var index = 0;
        foreach (var port in container.Objects("ports"))
        {
            var at = $"{path}.ports[{index++}]";
            if (port.Text("name") is { Length: > 0 } name)
            {
                FieldChecks.PortName(name, $"{at}.name", errors);
                if (!names.Add(name))
                {
                    errors.Duplicate($"{at}.name", name);
                }
            }

            if ((port.Integer("containerPort") ?? 0) == 0)
            {
                errors.Required($"{at}.containerPort");
            }
            else
            {
                FieldChecks.Port(port["containerPort"], $"{at}.containerPort", errors);
            }

            if (port.Integer("hostPort") is { } host and not 0)
            {
                FieldChecks.Port(port["hostPort"], $"{at}.hostPort", errors);
                if (spec.Flag("hostNetwork") && host != port.Integer("containerPort"))
                {
                    errors.Invalid($"{at}.hostPort", host, "must match `containerPort` when `hostNetwork` is true");
                }
            }

            FieldChecks.OneOf(port, at, "protocol", errors, "SCTP", "TCP", "UDP");
        }
    }
}
