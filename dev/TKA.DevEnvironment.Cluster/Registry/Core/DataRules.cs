using System.Text;

namespace TKA.DevEnvironment.Cluster.Registry.Core;

/// <summary>What ConfigMaps and Secrets have in common.</summary>
internal static class DataRules
{
    private const int LargestData = 1024 * 1024;

    /// <summary>Keys must be usable as file names.</summary>
    public static void ValidateKeys(JsonObject data, string field, FieldErrors errors)
    {
        foreach (var (key, _) in data)
        {
            errors.Check($"{field}[{key}]", key, NameRules.ConfigKey(key));
        }
    }

    /// <summary>All values together at most 1 MiB.</summary>
    public static void ValidateSize(long size, string field, FieldErrors errors)
    {
        if (size > LargestData)
        {
            errors.TooLong(field, LargestData);
        }
    }

    /// <summary>Bytes of text values.</summary>
    public static long TextSize(JsonObject data) => data.Sum(p => (long)Encoding.UTF8.GetByteCount(p.Value?.GetValue<string>() ?? ""));

    /// <summary>Bytes that base64 values hold.</summary>
    public static long Base64Size(JsonObject data) => data.Sum(p => (p.Value?.GetValue<string>().Length ?? 0) * 3L / 4);

    /// <summary>An object marked immutable stays so, and keeps its data.</summary>
    public static void ValidateImmutable(JsonObject obj, JsonObject old, FieldErrors errors, params ReadOnlySpan<string> fields)
    {
        if (!old.Flag("immutable"))
        {
            return;
        }

        if (!obj.Flag("immutable"))
        {
            errors.Forbidden("immutable", "field is immutable when `immutable` is set");
        }

        foreach (var field in fields)
        {
            if (!JsonNode.DeepEquals(obj[field], old[field]))
            {
                errors.Forbidden(field, "field is immutable when `immutable` is set");
            }
        }
    }
}
