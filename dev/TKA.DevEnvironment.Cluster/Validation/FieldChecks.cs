using System.Net;
using System.Text.Json.Nodes;
using TKA.DevEnvironment.Cluster.Storage;

namespace TKA.DevEnvironment.Cluster.Validation;

/// <summary>Checks that many built-in types share. Absent fields pass; whether a field must be there is another question.</summary>
internal static class FieldChecks
{
    /// <summary>Where something is: a member of an object at a path.</summary>
    public static string At(string path, string field) => path.Length == 0 ? field : $"{path}.{field}";

    /// <summary>Numbers that must not be negative.</summary>
    public static void NonNegative(JsonObject? obj, string path, FieldErrors errors, params ReadOnlySpan<string> fields)
    {
        foreach (var field in fields)
        {
            if (obj.Integer(field) is < 0 and var value)
            {
                errors.Invalid(At(path, field), value, "must be greater than or equal to 0");
            }
        }
    }

    /// <summary>A number within bounds.</summary>
    public static void Between(JsonObject? obj, string path, string field, long least, long most, FieldErrors errors)
    {
        if (obj.Integer(field) is { } value && (value < least || value > most))
        {
            errors.Invalid(At(path, field), value, $"must be between {least} and {most}, inclusive");
        }
    }

    /// <summary>A port by number.</summary>
    public static void Port(JsonNode? port, string at, FieldErrors errors)
    {
        if (port.AsInteger() is not (>= 1 and <= 65535))
        {
            errors.Invalid(at, port, "must be between 1 and 65535, inclusive");
        }
    }

    /// <summary>A port by number or by name.</summary>
    public static void PortOrName(JsonNode? port, string at, FieldErrors errors)
    {
        if (port is JsonValue value && value.TryGetValue<string>(out var name))
        {
            PortName(name, at, errors);
            return;
        }

        Port(port ?? 0, at, errors);
    }

    /// <summary>The name of a port (an IANA service name).</summary>
    public static void PortName(string name, string at, FieldErrors errors)
    {
        foreach (var problem in NameRules.PortName(name))
        {
            errors.Invalid(at, name, problem);
        }
    }

    /// <summary>A text out of a closed set; absent passes.</summary>
    public static void OneOf(JsonObject? obj, string path, string field, FieldErrors errors, params string[] values)
    {
        if (obj?[field] is JsonValue value && value.TryGetValue<string>(out var text) && !values.Contains(text))
        {
            errors.NotSupported(At(path, field), text, values);
        }
    }

    /// <summary>The name of an object.</summary>
    public static void ObjectName(JsonObject? obj, string path, string field, FieldErrors errors, bool required = true)
    {
        var name = obj.Text(field);
        if (name.Length == 0)
        {
            if (required)
            {
                errors.Required(At(path, field));
            }
        }
        else if (NameRules.Subdomain(name) is { } problem)
        {
            errors.Invalid(At(path, field), name, problem);
        }
    }

    /// <summary>An IP address in its usual form.</summary>
    public static void Address(string text, string at, FieldErrors errors)
    {
        if (!IsAddress(text))
        {
            errors.Invalid(at, text, "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)");
        }
    }

    /// <summary>A network in CIDR notation.</summary>
    public static bool Network(string text, string at, FieldErrors errors)
    {
        if (text.Split('/') is [var address, _] && IsAddress(address) && IPNetwork.TryParse(text, out _))
        {
            return true;
        }

        errors.Invalid(at, text, "must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)");
        return false;
    }

    // IPAddress also takes "1" and "1.2".
    private static bool IsAddress(string text) =>
        IPAddress.TryParse(text, out _) && (text.Contains(':', StringComparison.Ordinal) || text.Count(c => c == '.') == 3);

    /// <summary>A path below something: relative, and never upwards.</summary>
    public static void RelativePath(string path, string at, FieldErrors errors)
    {
        if (path.StartsWith('/'))
        {
            errors.Invalid(at, path, "must be a relative path");
        }

        NoParent(path, at, errors);
    }

    /// <summary>A path that never leads upwards.</summary>
    public static void NoParent(string path, string at, FieldErrors errors)
    {
        if (path.Split('/').Contains(".."))
        {
            errors.Invalid(at, path, "must not contain '..'");
        }
    }

    /// <summary>Labels and annotations of a template.</summary>
    public static void Labels(JsonObject? labels, string at, FieldErrors errors)
    {
        foreach (var (key, value) in labels ?? [])
        {
            if (NameRules.QualifiedName(key) is { } badKey)
            {
                errors.Invalid(at, key, badKey);
            }

            if (NameRules.LabelValue(value?.ToString() ?? "") is { } badValue)
            {
                errors.Invalid(at, value?.DeepClone(), badValue);
            }
        }
    }
}
