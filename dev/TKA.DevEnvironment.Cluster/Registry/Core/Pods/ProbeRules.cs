using System.Text.Json.Nodes;
using TKA.DevEnvironment.Cluster.Storage;
using TKA.DevEnvironment.Cluster.Validation;

namespace TKA.DevEnvironment.Cluster.Registry.Core.Pods;

/// <summary>Probes and lifecycle hooks: exactly one thing to do, and sensible timing.</summary>
internal static class ProbeRules
{
    private static readonly string[] Handlers = ["exec", "httpGet", "tcpSocket", "grpc", "sleep"];

    /// <summary>Validates the probes and hooks of a container.</summary>
    public static void Validate(JsonObject? container, string path, long gracePeriod, FieldErrors errors)
    {
        foreach (var name in (string[])["livenessProbe", "readinessProbe", "startupProbe"])
        {
            if (container.Child(name) is { } probe)
            {
                ValidateProbe(name, probe, $"{path}.{name}", errors);
            }
        }

        foreach (var name in (string[])["postStart", "preStop"])
        {
            if (container.Child("lifecycle").Child(name) is not { } hook)
            {
                continue;
            }

            var at = $"{path}.lifecycle.{name}";
            ValidateHandler(hook, at, errors);
            if (hook.Child("sleep") is { } sleep && (sleep.Integer("seconds") ?? 0) is var seconds && (seconds < 0 || seconds > gracePeriod))
            {
                errors.Invalid($"{at}.sleep", seconds, $"must be non-negative and less than terminationGracePeriodSeconds ({gracePeriod})");
            }
        }
    }

    private static void ValidateProbe(string name, JsonObject probe, string path, FieldErrors errors)
    {
        ValidateHandler(probe, path, errors);
        FieldChecks.NonNegative(probe, path, errors, "initialDelaySeconds", "timeoutSeconds", "periodSeconds", "successThreshold", "failureThreshold");
        if (probe.Integer("terminationGracePeriodSeconds") is { } grace)
        {
            if (name == "readinessProbe")
            {
                errors.Invalid($"{path}.terminationGracePeriodSeconds", grace, "must not be set for readinessProbes");
            }
            else if (grace <= 0)
            {
                errors.Invalid($"{path}.terminationGracePeriodSeconds", grace, "must be greater than 0");
            }
        }

        if (name != "readinessProbe" && probe.Integer("successThreshold") is > 1 and var threshold)
        {
            errors.Invalid($"{path}.successThreshold", threshold, "must be 1");
        }
    }

    private static void ValidateHandler(JsonObject handler, string path, FieldErrors errors)
    {
        var present = Handlers.Where(h => handler.Child(h) is not null).ToList();
        if (present.Count == 0)
        {
            errors.Required(path, "must specify a handler type");
        }

        foreach (var extra in present.Skip(1))
        {
            errors.Forbidden($"{path}.{extra}", "may not specify more than 1 handler type");
        }

        switch (present.FirstOrDefault())
        {
            case "exec" when !handler.Child("exec").Strings("command").Any():
                errors.Required($"{path}.exec.command");
                break;
            case "httpGet":
                ValidateRequest(handler.Child("httpGet")!, $"{path}.httpGet", errors);
                break;
            case "tcpSocket":
                FieldChecks.PortOrName(handler.Child("tcpSocket")?["port"], $"{path}.tcpSocket.port", errors);
                break;
            case "grpc":
                FieldChecks.Port(handler.Child("grpc")?["port"] ?? 0, $"{path}.grpc.port", errors);
                break;
            default:
                break;
        }
    }

    private static void ValidateRequest(JsonObject request, string path, FieldErrors errors)
    {
        FieldChecks.PortOrName(request["port"], $"{path}.port", errors);
        FieldChecks.OneOf(request, path, "scheme", errors, "HTTP", "HTTPS");
        foreach (var header in request.Objects("httpHeaders"))
        {
            var name = header.Text("name");
            if (name.Length == 0 || !name.All(c => char.IsAsciiLetterOrDigit(c) || c == '-'))
            {
                errors.Invalid($"{path}.httpHeaders", name, "a valid HTTP header must consist of alphanumeric characters or '-' (e.g. 'X-Header-Name', regex used for validation is '[-A-Za-z0-9]+')");
            }
        }
    }
}
