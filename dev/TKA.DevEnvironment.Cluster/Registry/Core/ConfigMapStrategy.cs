namespace TKA.DevEnvironment.Cluster.Registry.Core;

/// <summary>ConfigMaps: keys usable as file names, at most 1 MiB, immutable on request.</summary>
internal sealed class ConfigMapStrategy() : BuiltinStrategy("ConfigMap")
{
    protected override void ValidateContent(JsonObject obj, FieldErrors errors)
    {
        var data = obj.Child("data") ?? [];
        var binary = obj.Child("binaryData") ?? [];
        DataRules.ValidateKeys(data, "data", errors);
        DataRules.ValidateKeys(binary, "binaryData", errors);
        foreach (var (key, _) in binary.Where(p => data.ContainsKey(p.Key)))
        {
            errors.Invalid($"data[{key}]", key, $"duplicate of key present in binaryData");
        }

        DataRules.ValidateSize(DataRules.TextSize(data) + DataRules.Base64Size(binary), "", errors);
    }

    public override void ValidateUpdate(JsonObject obj, JsonObject old, FieldErrors errors) =>
        DataRules.ValidateImmutable(obj, old, errors, "data", "binaryData");
}
