using System.Text;

namespace TKA.DevEnvironment.Cluster.Registry.Core;

/// <summary>Secrets: base64 values, <c>stringData</c> as the write-only convenience, a type that fixes the keys and never changes.</summary>
internal sealed class SecretStrategy() : BuiltinStrategy("Secret")
{
    public override void Decode(JsonObject obj, FieldValidation validation, Action<string> warn)
    {
        base.Decode(obj, validation, warn);
        foreach (var (key, value) in obj.Child("data") ?? [])
        {
            var text = value is JsonValue v && v.TryGetValue<string>(out var s) ? s : "";
            if (!Convert.TryFromBase64String(text, new byte[text.Length], out _))
            {
                throw Statuses.BadRequest(
                    $"Secret in version \"v1\" cannot be handled as a Secret: illegal base64 data in data[{key}]");
            }
        }

        if (obj.Child("stringData") is { } plain)
        {
            var data = obj.ChildOrNew("data");
            foreach (var (key, value) in plain)
            {
                data[key] = Convert.ToBase64String(Encoding.UTF8.GetBytes(value is JsonValue v && v.TryGetValue<string>(out var s) ? s : ""));
            }
        }

        obj.Remove("stringData");
    }

    public override void Default(JsonObject obj)
    {
        if (obj.Text("type").Length == 0)
        {
            obj["type"] = "Opaque";
        }
    }

    protected override void ValidateContent(JsonObject obj, FieldErrors errors)
    {
        var data = obj.Child("data") ?? [];
        DataRules.ValidateKeys(data, "data", errors);
        DataRules.ValidateSize(DataRules.Base64Size(data), "data", errors);
        foreach (var key in obj.Text("type") == "kubernetes.io/tls" ? ["tls.crt", "tls.key"] : Array.Empty<string>())
        {
            if (!data.ContainsKey(key))
            {
                errors.Required($"data[{key}]");
            }
        }
    }

    public override void ValidateUpdate(JsonObject obj, JsonObject old, FieldErrors errors)
    {
        errors.Immutable("type", obj["type"], old["type"]);
        DataRules.ValidateImmutable(obj, old, errors, "data");
    }
}
