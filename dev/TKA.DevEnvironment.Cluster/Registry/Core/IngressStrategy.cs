using System.Net;
using System.Text.Json.Nodes;
using TKA.DevEnvironment.Cluster.Storage;
using TKA.DevEnvironment.Cluster.Validation;

namespace TKA.DevEnvironment.Cluster.Registry.Core;

/// <summary>Ingresses.</summary>
internal sealed class IngressStrategy : BuiltinStrategy
{
    private static readonly string[] PathTypes = ["Exact", "ImplementationSpecific", "Prefix"];
    private static readonly string[] BadEnds = ["/..", "/."];
    private static readonly string[] BadPaths = ["//", "/./", "/../", "%2f", "%2F"];

    /// <inheritdoc/>
    public override void PrepareForCreate(JsonObject obj) => obj["status"] = new JsonObject { ["loadBalancer"] = new JsonObject() };

    /// <inheritdoc/>
    protected override void ValidateContent(JsonObject obj, FieldErrors errors)
    {
        var spec = obj.Child("spec");
        var rules = spec.Objects("rules");
        if (rules.Count == 0 && spec.Child("defaultBackend") is null)
        {
            errors.Invalid("spec", spec, "either `defaultBackend` or `rules` must be specified");
        }

        if (spec.Child("defaultBackend") is { } backend)
        {
            ValidateBackend(backend, "spec.defaultBackend", errors);
        }

        for (var i = 0; i < rules.Count; i++)
        {
            ValidateRule(rules[i], $"spec.rules[{i}]", errors);
        }

        var index = 0;
        foreach (var tls in spec.Objects("tls"))
        {
            var host = 0;
            foreach (var name in tls.Strings("hosts"))
            {
                ValidateHost(name, $"spec.tls[{index}].hosts[{host++}]", errors);
            }

            index++;
        }

        FieldChecks.ObjectName(spec, "spec", "ingressClassName", errors, required: false);
    }

    private static void ValidateRule(JsonObject rule, string at, FieldErrors errors)
    {
        if (rule.Text("host") is { Length: > 0 } host)
        {
            if (IPAddress.TryParse(host, out _))
            {
                errors.Invalid($"{at}.host", host, "must be a DNS name, not an IP address");
            }

            ValidateHost(host, $"{at}.host", errors);
        }

        if (rule.Child("http") is not { } http)
        {
            return;
        }

        var paths = http.Objects("paths");
        if (paths.Count == 0)
        {
            errors.Required($"{at}.http.paths");
        }

        for (var j = 0; j < paths.Count; j++)
        {
            ValidatePath(paths[j], $"{at}.http.paths[{j}]", errors);
        }
    }

    private static void ValidateHost(string host, string at, FieldErrors errors)
    {
        if (NameRules.Subdomain(host.StartsWith("*.", StringComparison.Ordinal) ? host[2..] : host) is { } problem)
        {
            errors.Invalid(at, host, problem);
        }
    }

    private static void ValidatePath(JsonObject path, string at, FieldErrors errors)
    {
        var (type, text) = (path.Text("pathType"), path.Text("path"));
        if (type.Length > 0 && !PathTypes.Contains(type))
        {
            errors.NotSupported($"{at}.pathType", type, PathTypes);
        }

        if (type is "Exact" or "Prefix")
        {
            if (!text.StartsWith('/'))
            {
                errors.Invalid($"{at}.path", text, "must be an absolute path");
            }

            foreach (var bad in BadPaths.Where(b => text.Contains(b, StringComparison.Ordinal)))
            {
                errors.Invalid($"{at}.path", text, $"must not contain '{bad}'");
            }

            foreach (var bad in BadEnds.Where(b => text.EndsWith(b, StringComparison.Ordinal)))
            {
                errors.Invalid($"{at}.path", text, $"cannot end with '{bad}'");
            }
        }
        else if (text.Length > 0 && !text.StartsWith('/'))
        {
            errors.Invalid($"{at}.path", text, "must be an absolute path");
        }

        ValidateBackend(path.Child("backend") ?? [], $"{at}.backend", errors);
    }

    private static void ValidateBackend(JsonObject backend, string at, FieldErrors errors)
    {
        var service = backend.Child("service");
        if ((service is not null) == (backend.Child("resource") is not null))
        {
            errors.Invalid(at, "", service is null ? "resource or service backend is required" : "cannot set both resource and service backends");
            return;
        }

        if (service is null)
        {
            return;
        }

        var name = service.Text("name");
        if (name.Length == 0)
        {
            errors.Required($"{at}.service.name");
        }
        else if (NameRules.Label(name) is { } problem)
        {
            errors.Invalid($"{at}.service.name", name, problem);
        }

        var port = service.Child("port");
        var (number, portName) = (port.Integer("number") ?? 0, port.Text("name"));
        if (number == 0 && portName.Length == 0)
        {
            errors.Required(at, "port name or number is required");
        }
        else if (number != 0 && portName.Length > 0)
        {
            errors.Invalid(at, "", "cannot set both port name & port number");
        }
        else if (portName.Length > 0)
        {
            FieldChecks.PortName(portName, $"{at}.service.port.name", errors);
        }
        else
        {
            FieldChecks.Port(number, $"{at}.service.port.number", errors);
        }
    }
}
