using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using TKA.DevEnvironment.Cluster.Http;
using TKA.DevEnvironment.Cluster.Storage;
using TKA.DevEnvironment.Cluster.Validation;

namespace TKA.DevEnvironment.Cluster.Registry.Core;

/// <summary>Secrets: base64 values, <c>stringData</c> as the write-only convenience, a type that fixes the keys and never changes.</summary>
internal sealed class SecretStrategy : BuiltinStrategy
{
    /// <summary>Keys that a type must have.</summary>
    private static readonly Dictionary<string, string[]> RequiredKeys = new()
    {
        ["kubernetes.io/tls"] = ["tls.crt", "tls.key"],
        ["kubernetes.io/dockerconfigjson"] = [".dockerconfigjson"],
        ["kubernetes.io/dockercfg"] = [".dockercfg"],
        ["kubernetes.io/ssh-auth"] = ["ssh-privatekey"],
    };

    /// <inheritdoc/>
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

    /// <inheritdoc/>
    public override void Default(JsonObject obj)
    {
        if (obj.Text("type").Length == 0)
        {
            obj["type"] = "Opaque";
        }
    }

    /// <inheritdoc/>
    protected override void ValidateContent(JsonObject obj, FieldErrors errors)
    {
        var data = obj.Child("data") ?? [];
        DataRules.ValidateKeys(data, "data", errors);
        DataRules.ValidateSize(DataRules.Base64Size(data), "data", errors);
        foreach (var key in RequiredKeys.GetValueOrDefault(obj.Text("type")) ?? [])
        {
            if (!data.ContainsKey(key))
            {
                errors.Required($"data[{key}]");
            }
        }

        if (obj.Text("type") == "kubernetes.io/basic-auth" && !data.ContainsKey("username") && !data.ContainsKey("password"))
        {
            errors.Required("data[username]");
            errors.Required("data[password]");
        }

        if (obj.Text("type") is "kubernetes.io/dockerconfigjson" or "kubernetes.io/dockercfg")
        {
            ValidateJson(data, obj.Text("type") == "kubernetes.io/dockercfg" ? ".dockercfg" : ".dockerconfigjson", errors);
        }

        if (obj.Text("type") == "kubernetes.io/service-account-token"
            && obj.Child("metadata").Child("annotations").Text("kubernetes.io/service-account.name").Length == 0)
        {
            errors.Required("metadata.annotations[kubernetes.io/service-account.name]");
        }
    }

    private static void ValidateJson(JsonObject data, string key, FieldErrors errors)
    {
        if (data.Text(key) is not { Length: > 0 } text)
        {
            return;
        }

        try
        {
            ObjectJson.Parse(Convert.FromBase64String(text));
        }
        catch (JsonException)
        {
            errors.Invalid($"data[{key}]", "<secret contents redacted>", "must be JSON");
        }
    }

    /// <inheritdoc/>
    public override void ValidateUpdate(JsonObject obj, JsonObject old, FieldErrors errors)
    {
        errors.Immutable("type", obj["type"], old["type"]);
        DataRules.ValidateImmutable(obj, old, errors, "data");
    }
}
