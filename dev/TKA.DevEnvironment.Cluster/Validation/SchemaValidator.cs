using System.Text.Json;

namespace TKA.DevEnvironment.Cluster.Validation;

/// <summary>How much of a schema is validated.</summary>
internal enum SchemaScope
{
    /// <summary>What Go's typed decoder checks: types and formats.</summary>
    Types,

    /// <summary>A built-in type, whose list keys are not checked. Go cannot tell empty from absent, so empty is absent.</summary>
    Builtin,

    /// <summary>All of it.</summary>
    Custom,
}

/// <summary>Validates values against a schema, in the words of the API server.</summary>
internal sealed class SchemaValidator(FieldErrors errors, SchemaScope scope)
{
    private readonly LimitsValidator _limits = new(errors);

    /// <summary>Validates a value and everything in it.</summary>
    /// <param name="node">The value.</param>
    /// <param name="schema">Its schema.</param>
    /// <param name="path">Where it is; empty for the object itself.</param>
    public void Validate(JsonNode? node, Schema schema, string path)
    {
        if (node is null)
        {
            if (!schema.Nullable && schema.Type != SchemaType.Any)
            {
                errors.TypeInvalid(path, "null", $"{path} in body must be of type {TypeName(schema.Type)}: \"null\"");
            }

            return;
        }

        var actual = TypeOf(node);
        if (!Fits(actual, schema.Type))
        {
            errors.TypeInvalid(path, TypeName(actual), $"{path} in body must be of type {TypeName(schema.Type)}: \"{TypeName(actual)}\"");
            return;
        }

        switch (node)
        {
            case JsonObject map:
                ValidateMap(map, schema, path);
                break;
            case JsonArray array:
                ValidateArray(array, schema, path);
                break;
        }

        if (schema.Limits is { } limits)
        {
            ValidateEnum(node, limits, path);
            _limits.Validate(node, limits, path);
        }
    }

    private static SchemaType TypeOf(JsonNode node) => node.GetValueKind() switch
    {
        JsonValueKind.Object => SchemaType.Object,
        JsonValueKind.Array => SchemaType.Array,
        JsonValueKind.String => SchemaType.String,
        JsonValueKind.Number => node.AsInteger() is null ? SchemaType.Number : SchemaType.Integer,
        _ => SchemaType.Boolean,
    };

    private static bool Fits(SchemaType actual, SchemaType expected) => actual == expected || (expected, actual) is
        (SchemaType.Any, _) or (SchemaType.Number, SchemaType.Integer) or (SchemaType.IntOrString, SchemaType.Integer or SchemaType.String);

    private static string TypeName(SchemaType type) => type == SchemaType.IntOrString ? "integer,string" : type.ToString().ToLowerInvariant();

    private static string Join(string path, string name) => path.Length == 0 ? name : $"{path}.{name}";

    private static bool IsEmpty(JsonNode? node) => node switch
    {
        null => true,
        JsonObject map => map.Count == 0,
        JsonArray array => array.Count == 0,
        _ => node.GetValueKind() == JsonValueKind.String && node.GetValue<string>().Length == 0,
    };

    private void ValidateMap(JsonObject map, Schema schema, string path)
    {
        foreach (var name in scope == SchemaScope.Types ? [] : schema.Required)
        {
            if (scope == SchemaScope.Builtin ? IsEmpty(map[name]) : !map.ContainsKey(name))
            {
                errors.Required(Join(path, name));
            }
        }

        foreach (var (name, value) in map)
        {
            if (schema.Member(name) is { } member && !ReferenceEquals(member, Schema.Anything) && !(schema.IsResource && name == "metadata"))
            {
                Validate(value, member, Join(path, name));
            }
        }
    }

    private void ValidateArray(JsonArray array, Schema schema, string path)
    {
        if (schema.Items is { } items)
        {
            for (var i = 0; i < array.Count; i++)
            {
                Validate(array[i], items, $"{path}[{i}]");
            }
        }

        if (schema.ListKind == ListKind.Atomic || scope != SchemaScope.Custom)
        {
            return;
        }

        var seen = new HashSet<string>();
        for (var i = 0; i < array.Count; i++)
        {
            var key = schema.ListKind == ListKind.Set ? array[i]?.DeepClone() : KeyOf(array[i] as JsonObject, schema.ListKeys);
            if (!seen.Add(key?.ToJsonString() ?? "null"))
            {
                errors.Duplicate($"{path}[{i}]", key);
            }
        }
    }

    private static JsonObject KeyOf(JsonObject? item, IReadOnlyList<string> keys) =>
        new(keys.Select(key => KeyValuePair.Create(key, item?[key]?.DeepClone())));

    private void ValidateEnum(JsonNode node, SchemaLimits limits, string path)
    {
        if (scope == SchemaScope.Types || limits.Enum is not { } values || (scope == SchemaScope.Builtin && IsEmpty(node)))
        {
            return;
        }

        if (!values.Any(value => JsonNode.DeepEquals(value, node)))
        {
            errors.NotSupported(path, node, values.Select(value => value?.GetValueKind() == JsonValueKind.String ? value.GetValue<string>() : value?.ToJsonString() ?? "null"));
        }
    }
}
