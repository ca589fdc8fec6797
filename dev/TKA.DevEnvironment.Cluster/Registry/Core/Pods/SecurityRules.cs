using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using TKA.DevEnvironment.Cluster.Storage;
using TKA.DevEnvironment.Cluster.Validation;

namespace TKA.DevEnvironment.Cluster.Registry.Core.Pods;

/// <summary>Security contexts of pods and containers, and what pods share with the node.</summary>
internal static partial class SecurityRules
{
    /// <summary>Validates a pod's context and its use of the node.</summary>
    public static void ValidatePod(JsonObject? spec, string path, FieldErrors errors)
    {
        var context = spec.Child("securityContext");
        var at = $"{path}.securityContext";
        ValidateCommon(context, at, errors);
        if (context.Integer("fsGroup") is (< 0 or > int.MaxValue) and var group)
        {
            errors.Invalid($"{at}.fsGroup", group, "must be between 0 and 2147483647, inclusive");
        }

        var index = 0;
        foreach (var item in context.Items("supplementalGroups") ?? [])
        {
            if (item.AsInteger() is (< 0 or > int.MaxValue) and var id)
            {
                errors.Invalid($"{at}.supplementalGroups[{index}]", id, "must be between 0 and 2147483647, inclusive");
            }

            index++;
        }

        index = 0;
        foreach (var setting in context.Objects("sysctls"))
        {
            var name = setting.Text("name");
            if (name.Length == 0)
            {
                errors.Required($"{at}.sysctls[{index}].name");
            }
            else if (name.Length > 253 || !Sysctl().IsMatch(name))
            {
                errors.Invalid($"{at}.sysctls[{index}].name", name, "must have at most 253 characters and match regex ^([a-z0-9]([-_a-z0-9]*[a-z0-9])?[\\./])*[a-z0-9]([-_a-z0-9]*[a-z0-9])?$");
            }

            index++;
        }

        FieldChecks.OneOf(context, at, "fsGroupChangePolicy", errors, "Always", "OnRootMismatch");
        if (spec.Flag("shareProcessNamespace") && spec.Flag("hostPID"))
        {
            errors.Invalid($"{at}.shareProcessNamespace", true, "ShareProcessNamespace and HostPID cannot both be enabled");
        }
    }

    /// <summary>Validates a container's context.</summary>
    public static void ValidateContainer(JsonObject? container, string path, FieldErrors errors)
    {
        if (container.Child("securityContext") is not { } context)
        {
            return;
        }

        var at = $"{path}.securityContext";
        ValidateCommon(context, at, errors);
        FieldChecks.OneOf(context, at, "procMount", errors, "Default", "Unmasked");
        if (context["allowPrivilegeEscalation"] is null || context.Flag("allowPrivilegeEscalation"))
        {
            return;
        }

        if (context.Flag("privileged"))
        {
            errors.Invalid(at, context, "cannot set `allowPrivilegeEscalation` to false and `privileged` to true");
        }

        if (context.Child("capabilities").Strings("add").Any(c => c == "CAP_SYS_ADMIN"))
        {
            errors.Invalid(at, context, "cannot set `allowPrivilegeEscalation` to false and `capabilities.Add` CAP_SYS_ADMIN");
        }
    }

    /// <summary>Validates host aliases and DNS settings.</summary>
    public static void ValidateNetwork(JsonObject? spec, string path, FieldErrors errors)
    {
        FieldChecks.OneOf(spec, path, "dnsPolicy", errors, "ClusterFirstWithHostNet", "ClusterFirst", "Default", "None");
        foreach (var field in (string[])["hostname", "subdomain"])
        {
            if (spec.Text(field) is { Length: > 0 } name && NameRules.Label(name) is { } problem)
            {
                errors.Invalid($"{path}.{field}", name, problem);
            }
        }

        var index = 0;
        foreach (var alias in spec.Objects("hostAliases"))
        {
            var at = $"{path}.hostAliases[{index++}]";
            FieldChecks.Address(alias.Text("ip"), $"{at}.ip", errors);
            var host = 0;
            foreach (var name in alias.Strings("hostnames"))
            {
                if (NameRules.Subdomain(name) is { } problem)
                {
                    errors.Invalid($"{at}.hostnames[{host}]", name, problem);
                }

                host++;
            }
        }

        var dns = spec.Child("dnsConfig");
        if (spec.Text("dnsPolicy") == "None")
        {
            if (dns is null)
            {
                errors.Required($"{path}.dnsConfig", "must provide `dnsConfig` when `dnsPolicy` is None");
            }
            else if (!dns.Strings("nameservers").Any())
            {
                errors.Required($"{path}.dnsConfig.nameservers", "must provide at least one DNS nameserver when `dnsPolicy` is None");
            }
        }

        index = 0;
        foreach (var server in dns.Strings("nameservers"))
        {
            FieldChecks.Address(server, $"{path}.dnsConfig.nameservers[{index++}]", errors);
        }

        index = 0;
        foreach (var search in dns.Strings("searches"))
        {
            var at = $"{path}.dnsConfig.searches[{index++}]";
            if (!SearchPath().IsMatch(search))
            {
                errors.Invalid(at, search, "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '_', '-' or '.', and must start and end with an alphanumeric character");
            }
        }

        index = 0;
        foreach (var option in dns.Objects("options"))
        {
            if (option.Text("name").Length == 0)
            {
                errors.Required($"{path}.dnsConfig.options[{index}]", "must not be empty");
            }

            index++;
        }
    }

    private static void ValidateCommon(JsonObject? context, string path, FieldErrors errors)
    {
        foreach (var field in (string[])["runAsUser", "runAsGroup"])
        {
            if (context.Integer(field) is (< 0 or > int.MaxValue) and var id)
            {
                errors.Invalid($"{path}.{field}", id, "must be between 0 and 2147483647, inclusive");
            }
        }

        if (context.Child("seccompProfile") is not { } profile)
        {
            return;
        }

        var (type, file) = (profile.Text("type"), profile.Text("localhostProfile"));
        if (type is not ("Localhost" or "RuntimeDefault" or "Unconfined"))
        {
            errors.NotSupported($"{path}.seccompProfile.type", type, ["Localhost", "RuntimeDefault", "Unconfined"]);
        }
        else if (type == "Localhost" && file.Length == 0)
        {
            errors.Required($"{path}.seccompProfile.localhostProfile", "must be set when seccomp type is Localhost");
        }
        else if (type != "Localhost" && file.Length > 0)
        {
            errors.Invalid($"{path}.seccompProfile.localhostProfile", file, "can only be set when seccomp type is Localhost");
        }
    }

    [GeneratedRegex(@"^_?[a-z0-9]([-_a-z0-9]*[a-z0-9])?(\._?[a-z0-9]([-_a-z0-9]*[a-z0-9])?)*\.?$|^\.$")]
    private static partial Regex SearchPath();

    [GeneratedRegex(@"^([a-z0-9]([-_a-z0-9]*[a-z0-9])?[\./])*[a-z0-9]([-_a-z0-9]*[a-z0-9])?$")]
    private static partial Regex Sysctl();
}
