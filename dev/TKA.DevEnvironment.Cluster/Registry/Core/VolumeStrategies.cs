using System.Text.Json.Nodes;
using TKA.DevEnvironment.Cluster.Selection;
using TKA.DevEnvironment.Cluster.Storage;
using TKA.DevEnvironment.Cluster.Validation;

namespace TKA.DevEnvironment.Cluster.Registry.Core;

/// <summary>PersistentVolumeClaims. Nothing binds them here.</summary>
internal sealed class VolumeClaimStrategy : BuiltinStrategy
{
    /// <inheritdoc/>
    public override void Default(JsonObject obj) => obj.ChildOrNew("spec")["volumeMode"] ??= "Filesystem";

    /// <inheritdoc/>
    public override void PrepareForCreate(JsonObject obj) => obj["status"] = new JsonObject { ["phase"] = "Pending" };

    /// <inheritdoc/>
    protected override void ValidateContent(JsonObject obj, FieldErrors errors)
    {
        var spec = obj.Child("spec");
        AccessModes.Validate(spec, errors);
        StructuredLabelSelector.Validate(spec?["selector"], "spec.selector", errors);
        if (spec.Child("resources").Child("requests")?["storage"] is not { } storage)
        {
            errors.Required("spec.resources[storage]");
        }
        else if (Quantity.Parse(storage) is <= 0)
        {
            errors.Invalid("spec.resources[storage]", storage.ToString(), "must be greater than zero");
        }

        FieldChecks.ObjectName(spec, "spec", "storageClassName", errors, required: false);
        FieldChecks.OneOf(spec, "spec", "volumeMode", errors, "Block", "Filesystem");
    }

    /// <inheritdoc/>
    public override void ValidateUpdate(JsonObject obj, JsonObject old, FieldErrors errors)
    {
        var (now, before) = ((JsonObject?)obj.Child("spec")?.DeepClone() ?? [], (JsonObject?)old.Child("spec")?.DeepClone() ?? []);
        foreach (var spec in (JsonObject[])[now, before])
        {
            spec.Remove("volumeName");
        }

        // Only a volume that is there can grow, and nothing binds one here. A class may be named later where none was.
        if (before["storageClassName"] is null)
        {
            now.Remove("storageClassName");
        }

        if (!JsonNode.DeepEquals(now, before))
        {
            errors.Forbidden("spec", "spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims");
        }
    }
}

/// <summary>PersistentVolumes. Nothing provisions them here.</summary>
internal sealed class VolumeStrategy : BuiltinStrategy
{
    private static readonly HashSet<string> NoSources =
    [
        "accessModes", "capacity", "claimRef", "mountOptions", "nodeAffinity", "persistentVolumeReclaimPolicy", "storageClassName",
        "volumeAttributesClassName", "volumeMode",
    ];

    /// <inheritdoc/>
    public override void Default(JsonObject obj)
    {
        var spec = obj.ChildOrNew("spec");
        spec["persistentVolumeReclaimPolicy"] ??= "Retain";
        spec["volumeMode"] ??= "Filesystem";
    }

    /// <inheritdoc/>
    public override void PrepareForCreate(JsonObject obj) => obj["status"] = new JsonObject { ["phase"] = "Pending" };

    /// <inheritdoc/>
    protected override void ValidateContent(JsonObject obj, FieldErrors errors)
    {
        var spec = obj.Child("spec");
        AccessModes.Validate(spec, errors);
        if (spec.Child("capacity") is { Count: > 0 } capacity && capacity["storage"] is null)
        {
            errors.NotSupported("spec.capacity", capacity, ["storage"]);
        }

        if (spec?.Any(member => !NoSources.Contains(member.Key) && member.Value is JsonObject) != true)
        {
            errors.Required("spec", "must specify a volume type");
        }

        FieldChecks.OneOf(spec, "spec", "persistentVolumeReclaimPolicy", errors, "Delete", "Recycle", "Retain");
        FieldChecks.OneOf(spec, "spec", "volumeMode", errors, "Block", "Filesystem");
        FieldChecks.ObjectName(spec, "spec", "storageClassName", errors, required: false);
    }
}

/// <summary>How a volume may be mounted.</summary>
internal static class AccessModes
{
    private static readonly string[] Known = ["ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce", "ReadWriteOncePod"];

    /// <summary>Validates <c>spec.accessModes</c>.</summary>
    public static void Validate(JsonObject? spec, FieldErrors errors)
    {
        var modes = spec.Strings("accessModes").ToList();
        if (modes.Count == 0)
        {
            errors.Required("spec.accessModes", "at least 1 access mode is required");
        }

        foreach (var mode in modes.Where(m => !Known.Contains(m)))
        {
            errors.NotSupported("spec.accessModes", mode, Known);
        }

        if (modes.Count > 1 && modes.Contains("ReadWriteOncePod"))
        {
            errors.Forbidden("spec.accessModes", "may not use ReadWriteOncePod with other access modes");
        }
    }
}
