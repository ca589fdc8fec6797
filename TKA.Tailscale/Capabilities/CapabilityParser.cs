using System.Text.Json;
using TKA.Contracts;
using TKA.Contracts.Capabilities;

namespace TKA.Tailscale.Capabilities;

/// <summary>
/// Reads the values of TKA's capability. Strict about types, tolerant of unknown fields. Field names match whatever
/// their case, as in Go: a <c>Namespaces</c> skipped as unknown would silently widen a grant to the whole cluster.
/// </summary>
public static class CapabilityParser
{
    private const int LongestName = 253;

    /// <summary>Reads all rules. Never throws.</summary>
    /// <param name="values">The capability's value in the top-level CapMap: an array of rules, or null when granted without values.</param>
    public static CapabilityRules Parse(JsonElement values)
    {
        if (values.ValueKind is JsonValueKind.Null or JsonValueKind.Undefined)
        {
            return CapabilityRules.None;
        }

        if (values.ValueKind != JsonValueKind.Array)
        {
            return Failed(new CapabilityError(CapabilityErrorKind.Malformed, null, null, $"The capability must be a list of rules, not {Describe(values)}."));
        }

        var rules = new List<CapabilityRule>(values.GetArrayLength());
        foreach (var element in values.EnumerateArray())
        {
            var reader = new RuleReader(rules.Count);
            CapabilityRule? rule;
            try
            {
                rule = reader.Read(element);
            }
            catch (InvalidOperationException)
            {
                // "\ud800": an escape that is valid JSON and no Unicode text.
                return Failed(new CapabilityError(CapabilityErrorKind.Malformed, rules.Count, null, $"Rule {rules.Count} holds text that is not Unicode."));
            }

            if (rule is null)
            {
                return Failed(reader.Error!);
            }

            rules.Add(rule);
        }

        return new CapabilityRules { Items = rules };
    }

    private static CapabilityRules Failed(CapabilityError error) => new() { Error = error };

    private static string Describe(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Object => "an object",
        JsonValueKind.Array => "a list",
        JsonValueKind.String => "a string",
        JsonValueKind.Number => "a number",
        JsonValueKind.True or JsonValueKind.False => "a boolean",
        _ => "null",
    };

    /// <summary>Reads one rule; the first thing wrong ends it.</summary>
    private struct RuleReader(int index)
    {
        private string? _role;
        private TimeSpan? _period;
        private int _priority;
        private bool _admin;
        private string[] _namespaces = [];

        public CapabilityError? Error { get; private set; }

        public CapabilityRule? Read(JsonElement element)
        {
            if (element.ValueKind != JsonValueKind.Object)
            {
                return Fail(null, $"must be an object like {{\"role\":\"view\",\"period\":\"8h\"}}, not {Describe(element)}");
            }

            var seen = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
            foreach (var property in element.EnumerateObject())
            {
                if (!ReadField(property.Name.ToLowerInvariant(), property.Value, seen))
                {
                    return null;
                }
            }

            if (_role is null)
            {
                return Fail("role", "is missing; name a ClusterRole, like \"view\"");
            }

            if (_period is not { } period)
            {
                return Fail("period", "is missing; write it like \"8h\"");
            }

            return new CapabilityRule { Role = _role, Period = period, Priority = _priority, Namespaces = _namespaces, Admin = _admin };
        }

        private bool ReadField(string name, JsonElement value, HashSet<string> seen)
        {
            if (name is not ("role" or "period" or "priority" or "namespaces" or "admin" or "namespace"))
            {
                return true;
            }

            if (!seen.Add(name))
            {
                return Fail(name, "is given twice") is not null;
            }

            return name switch
            {
                "role" => ReadRole(value),
                "period" => ReadPeriod(value),
                "priority" => ReadPriority(value),
                "namespaces" => ReadNamespaces(value),
                "admin" => ReadAdmin(value),
                // The one misspelling that would turn a narrow grant into a cluster-wide one.
                _ => Fail(name, "is not a field of a rule; did you mean the list \"namespaces\"?") is not null,
            };
        }

        private bool ReadRole(JsonElement value)
        {
            if (value.ValueKind != JsonValueKind.String)
            {
                return Fail("role", $"must be a string, not {Describe(value)}") is not null;
            }

            _role = value.GetString()!;
            return IsPathSegment(_role)
                || Fail("role", $"'{Shorten(_role)}' cannot be the name of a ClusterRole") is not null;
        }

        private bool ReadPeriod(JsonElement value)
        {
            if (value.ValueKind != JsonValueKind.String)
            {
                return Fail("period", $"must be a string like \"8h\", not {Describe(value)}") is not null;
            }

            var text = value.GetString()!;
            if (!GoDuration.TryParse(text, out var period))
            {
                return Fail("period", $"'{Shorten(text)}' is not a duration; write it like \"30m\", \"8h\" or \"1h30m\"", CapabilityErrorKind.Period) is not null;
            }

            _period = period;
            return true;
        }

        private bool ReadPriority(JsonElement value) =>
            (value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out _priority))
            || Fail("priority", $"must be a whole number between {int.MinValue} and {int.MaxValue}, not {(value.ValueKind == JsonValueKind.Number ? Shorten(value.GetRawText()) : Describe(value))}") is not null;

        private bool ReadAdmin(JsonElement value)
        {
            _admin = value.ValueKind == JsonValueKind.True;
            return value.ValueKind is JsonValueKind.True or JsonValueKind.False
                || Fail("admin", $"must be true or false, not {Describe(value)}") is not null;
        }

        private bool ReadNamespaces(JsonElement value)
        {
            if (value.ValueKind != JsonValueKind.Array)
            {
                return Fail("namespaces", $"must be a list of namespace names, not {Describe(value)}") is not null;
            }

            // An empty list reads as "nowhere" to one person and as "everywhere" to another.
            if (value.GetArrayLength() == 0)
            {
                return Fail("namespaces", "is empty; name at least one namespace, or leave the field out for the whole cluster") is not null;
            }

            var names = new SortedSet<string>(StringComparer.Ordinal);
            foreach (var item in value.EnumerateArray())
            {
                if (item.ValueKind != JsonValueKind.String)
                {
                    return Fail("namespaces", $"must hold names only, not {Describe(item)}") is not null;
                }

                if (!DnsLabel.IsValid(item.GetString()!))
                {
                    return Fail("namespaces", $"'{Shorten(item.GetString()!)}' cannot be the name of a namespace") is not null;
                }

                names.Add(item.GetString()!);
            }

            _namespaces = [.. names];
            return true;
        }

        private CapabilityRule? Fail(string? field, string problem, CapabilityErrorKind kind = CapabilityErrorKind.Malformed)
        {
            var where = field is null ? $"Rule {index}" : $"Rule {index}: {field}";
            Error = new CapabilityError(kind, index, field, $"{where} {problem}{(problem[^1] == '?' ? "" : ".")}");
            return null;
        }
    }

    // What Kubernetes asks of RBAC names: ValidatePathSegmentName.
    private static bool IsPathSegment(string name) =>
        name is { Length: > 0 and <= LongestName } and not ("." or "..")
        && !name.AsSpan().ContainsAny('/', '%')
        && !name.Any(char.IsControl);

    private static string Shorten(string text)
    {
        var plain = string.Concat(text.Select(c => char.IsControl(c) ? '\uFFFD' : c));
        return plain.Length <= 64 ? plain : string.Concat(plain.AsSpan(0, 64), "…");
    }
}
