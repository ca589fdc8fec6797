using System.Text.Json.Nodes;
using TKA.DevEnvironment.Cluster.Storage;
using TKA.DevEnvironment.Cluster.Validation;

namespace TKA.DevEnvironment.Cluster.Registry.Core.Pods;

/// <summary>Volumes, and where containers mount them.</summary>
internal static class VolumeRules
{
    private const int AnyMode = 0x1FF; // 0777
    private static readonly string[] HostPathTypes = ["", "BlockDevice", "CharDevice", "Directory", "DirectoryOrCreate", "File", "FileOrCreate", "Socket"];

    /// <summary>Validates the volumes and returns their names; those without one are not among them.</summary>
    public static HashSet<string> Validate(JsonObject? spec, string path, FieldErrors errors)
    {
        var names = new HashSet<string>();
        var index = 0;
        foreach (var volume in spec.Objects("volumes"))
        {
            var at = $"{path}.volumes[{index++}]";
            ValidateSource(volume, at, errors);
            var name = volume.Text("name");
            if (name.Length == 0)
            {
                errors.Required($"{at}.name");
            }
            else if (NameRules.Label(name) is { } problem)
            {
                errors.Invalid($"{at}.name", name, problem);
            }
            else if (!names.Add(name))
            {
                errors.Duplicate($"{at}.name", name);
            }
        }

        return names;
    }

    /// <summary>Validates a container's mounts.</summary>
    public static void ValidateMounts(JsonObject? container, string path, HashSet<string> volumes, FieldErrors errors)
    {
        var paths = new HashSet<string>();
        var index = 0;
        foreach (var mount in container.Objects("volumeMounts"))
        {
            var at = $"{path}.volumeMounts[{index++}]";
            var (name, target, below) = (mount.Text("name"), mount.Text("mountPath"), mount.Text("subPath"));
            if (name.Length == 0)
            {
                errors.Required($"{at}.name");
            }

            if (!volumes.Contains(name))
            {
                errors.NotFound($"{at}.name", name);
            }

            if (target.Length == 0)
            {
                errors.Required($"{at}.mountPath");
            }
            else if (!paths.Add(target))
            {
                errors.Invalid($"{at}.mountPath", target, "must be unique");
            }

            // The real server forgets the index here.
            var list = $"{path}.volumeMounts";
            if (below.Length > 0)
            {
                FieldChecks.RelativePath(below, $"{list}.subPath", errors);
            }

            if (mount.Text("subPathExpr") is { Length: > 0 } expression)
            {
                if (below.Length > 0)
                {
                    errors.Invalid($"{at}.subPathExpr", expression, "subPathExpr and subPath are mutually exclusive");
                }

                FieldChecks.RelativePath(expression, $"{list}.subPathExpr", errors);
            }

            FieldChecks.OneOf(mount, list, "mountPropagation", errors, "Bidirectional", "HostToContainer", "None");
        }
    }

    private static void ValidateSource(JsonObject volume, string path, FieldErrors errors)
    {
        var sources = volume.Where(member => member.Key != "name" && member.Value is JsonObject).Select(member => member.Key).ToList();
        if (sources.Count == 0)
        {
            errors.Required(path, "must specify a volume type");
            return;
        }

        foreach (var extra in sources.Skip(1))
        {
            errors.Forbidden($"{path}.{extra}", "may not specify more than 1 volume type");
        }

        var kind = sources[0];
        var (source, at) = (volume.Child(kind)!, $"{path}.{kind}");
        switch (kind)
        {
            case "emptyDir" when Quantity.Parse(source["sizeLimit"]) is < 0:
                errors.Forbidden($"{at}.sizeLimit", "SizeLimit field must be a valid resource quantity");
                break;
            case "secret":
                Require(source, at, "secretName", errors);
                ValidateFiles(source, at, errors);
                break;
            case "configMap":
                Require(source, at, "name", errors);
                ValidateFiles(source, at, errors);
                break;
            case "downwardAPI":
                ValidateMode(source, at, "defaultMode", errors);
                ValidateDownward(source, at, errors);
                break;
            case "projected":
                ValidateMode(source, at, "defaultMode", errors);
                ValidateProjections(source, at, errors);
                break;
            case "hostPath":
                Require(source, at, "path", errors);
                FieldChecks.NoParent(source.Text("path"), $"{at}.path", errors);
                FieldChecks.OneOf(source, at, "type", errors, HostPathTypes);
                break;
            case "persistentVolumeClaim":
                Require(source, at, "claimName", errors);
                break;
            case "nfs":
                Require(source, at, "server", errors);
                Require(source, at, "path", errors);
                if (!source.Text("path").StartsWith('/'))
                {
                    errors.Invalid($"{at}.path", source.Text("path"), "must be an absolute path");
                }

                break;
            case "csi":
                Require(source, at, "driver", errors);
                break;
            default:
                break;
        }
    }

    private static void ValidateProjections(JsonObject projected, string path, FieldErrors errors)
    {
        var index = 0;
        foreach (var projection in projected.Objects("sources"))
        {
            var at = $"{path}.sources[{index++}]";
            foreach (var extra in projection.Select(member => member.Key).Skip(1))
            {
                errors.Forbidden($"{at}.{extra}", "may not specify more than 1 volume type per source");
            }

            foreach (var (kind, value) in projection)
            {
                if (value is not JsonObject source)
                {
                    continue;
                }

                switch (kind)
                {
                    case "secret" or "configMap":
                        Require(source, $"{at}.{kind}", "name", errors);
                        ValidateItems(source, $"{at}.{kind}", errors);
                        break;
                    case "downwardAPI":
                        ValidateDownward(source, $"{at}.{kind}", errors);
                        break;
                    case "serviceAccountToken":
                        ValidateToken(source, path, $"{at}.{kind}", errors);
                        break;
                    default:
                        break;
                }
            }
        }
    }

    private static void ValidateToken(JsonObject token, string volume, string path, FieldErrors errors)
    {
        switch (token.Integer("expirationSeconds"))
        {
            case < 600 and var seconds:
                errors.Invalid($"{path}.expirationSeconds", seconds, "may not specify a duration less than 10 minutes");
                break;
            case > 1L << 32 and var seconds:
                errors.Invalid($"{path}.expirationSeconds", seconds, "may not specify a duration larger than 2^32 seconds");
                break;
            default:
                break;
        }

        if (token.Text("path").Length == 0)
        {
            errors.Required($"{volume}.path");
        }
        else
        {
            FieldChecks.RelativePath(token.Text("path"), $"{volume}.path", errors);
        }
    }

    private static void ValidateDownward(JsonObject source, string path, FieldErrors errors)
    {
        foreach (var item in source.Objects("items"))
        {
            if (item.Text("path").Length == 0)
            {
                errors.Required($"{path}.path");
            }

            FieldChecks.RelativePath(item.Text("path"), $"{path}.path", errors);
            ValidateMode(item, path, "mode", errors);
            if (item.Child("fieldRef") is { } field)
            {
                EnvironmentRules.ValidateField(field, $"{path}.fieldRef", labels: true, errors);
            }
            else if (item.Child("resourceFieldRef") is { } resource)
            {
                EnvironmentRules.ValidateResource(resource, $"{path}.resourceFieldRef", errors);
            }
            else
            {
                errors.Required(path, "one of fieldRef and resourceFieldRef is required");
            }
        }
    }

    private static void ValidateFiles(JsonObject source, string path, FieldErrors errors)
    {
        ValidateMode(source, path, "defaultMode", errors);
        ValidateItems(source, path, errors);
    }

    private static void ValidateItems(JsonObject source, string path, FieldErrors errors)
    {
        var index = 0;
        foreach (var item in source.Objects("items"))
        {
            var at = $"{path}.items[{index++}]";
            Require(item, at, "key", errors);
            Require(item, at, "path", errors);
            FieldChecks.RelativePath(item.Text("path"), $"{at}.path", errors);
            ValidateMode(item, at, "mode", errors);
        }
    }

    private static void ValidateMode(JsonObject source, string path, string field, FieldErrors errors)
    {
        if (source.Integer(field) is (< 0 or > AnyMode) and var mode)
        {
            errors.Invalid($"{path}.{field}", mode, "must be a number between 0 and 0777 (octal), both inclusive");
        }
    }

    private static void Require(JsonObject source, string path, string field, FieldErrors errors)
    {
        if (source.Text(field).Length == 0)
        {
            errors.Required($"{path}.{field}");
        }
    }
}
