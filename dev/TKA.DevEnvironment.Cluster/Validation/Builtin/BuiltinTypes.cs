using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using TKA.DevEnvironment.Cluster.Storage;

namespace TKA.DevEnvironment.Cluster.Validation.Builtin;

/// <summary>The types of the built-in resources, read from <c>builtin.types</c> when first needed, one by one.</summary>
internal static class BuiltinTypes
{
    private const string RequiredHint = "required";
    private const string AlwaysHint = "always";
    private const string EnumHint = "enum=";
    private static readonly Lazy<Dictionary<string, TypeText>> Texts = new(ReadTexts);
    private static readonly ConcurrentDictionary<string, Schema> Schemas = new();

    /// <summary>Metadata of every object.</summary>
    public static Schema ObjectMeta => Get("ObjectMeta");

    /// <summary>Names of all types.</summary>
    public static IEnumerable<string> Names => Texts.Value.Keys;

    /// <summary>A type by name.</summary>
    /// <exception cref="KeyNotFoundException">There is no such type.</exception>
    public static Schema Get(string name) => Schemas.GetOrAdd(name, static n => Build(Texts.Value[n]));

    /// <summary>The type as the table writes it: field name and type (<c>[]Container</c>, <c>{}string</c>, <c>int32</c>).</summary>
    public static IReadOnlyList<(string Field, string Type)> Fields(string name) =>
        Texts.Value.TryGetValue(name, out var text) ? [.. text.Fields.Select(f => (f[0], f[1]))] : [];

    /// <summary>A whole object of a kind: its type with apiVersion and kind.</summary>
    public static Schema Root(string name)
    {
        var type = Get(name);
        var properties = new Dictionary<string, Schema>(type.Properties)
        {
            ["apiVersion"] = Scalar(SchemaType.String),
            ["kind"] = Scalar(SchemaType.String),
        };
        return new Schema { Type = SchemaType.Object, Properties = properties };
    }

    private static Schema Build(TypeText text) => new()
    {
        Type = SchemaType.Object,
        AtomicMap = text.Atomic,
        Required = [.. text.Fields.Where(f => f.Skip(2).Contains(RequiredHint)).Select(f => f[0])],
        Properties = new LazyProperties(text.Fields.ToDictionary(f => f[0], f => new Lazy<Schema>(() => Field(f)))),
    };

    private static Schema Field(string[] field)
    {
        var schema = Parse(field[1], field.Skip(2).FirstOrDefault(hint => hint == "set" || hint.StartsWith("key=", StringComparison.Ordinal)) ?? "");
        if (field.Skip(2).FirstOrDefault(hint => hint.StartsWith(EnumHint, StringComparison.Ordinal)) is { } values)
        {
            schema = WithEnum(schema, values[EnumHint.Length..].Split('|').ToJsonArray());
        }

        return field[1] == "ObjectMeta" || field.Skip(2).Contains(AlwaysHint) ? schema with { AlwaysThere = true } : schema;
    }

    private static Schema WithEnum(Schema schema, JsonArray values) => schema.Items is { } items
        ? schema with { Items = WithEnum(items, values) }
        : schema with { Limits = new SchemaLimits { Enum = values } };

    private static Schema Parse(string type, string hint)
    {
        if (type.StartsWith("[]", StringComparison.Ordinal))
        {
            return new Schema
            {
                Type = SchemaType.Array,
                Items = Parse(type[2..], ""),
                ListKind = hint == "set" ? ListKind.Set : hint.StartsWith("key=", StringComparison.Ordinal) ? ListKind.Map : ListKind.Atomic,
                ListKeys = hint.StartsWith("key=", StringComparison.Ordinal) ? hint[4..].Split(',') : [],
            };
        }

        if (type.StartsWith("{}", StringComparison.Ordinal))
        {
            return new Schema { Type = SchemaType.Object, AdditionalProperties = Parse(type[2..], "") };
        }

        return type switch
        {
            "string" => Scalar(SchemaType.String),
            "bytes" => Scalar(SchemaType.String, "byte"),
            "time" => Scalar(SchemaType.String, "date-time"),
            "microtime" => Scalar(SchemaType.String, "micro-time"),
            "int32" => Scalar(SchemaType.Integer, "int32"),
            "int64" => Scalar(SchemaType.Integer, "int64"),
            "number" => Scalar(SchemaType.Number),
            "boolean" => Scalar(SchemaType.Boolean),
            "quantity" => Scalar(SchemaType.IntOrString, "quantity"),
            "int-or-string" => Scalar(SchemaType.IntOrString),
            "any" => Schema.Anything,
            _ => Get(type),
        };
    }

    private static Schema Scalar(SchemaType type, string format = "") =>
        new() { Type = type, Limits = format.Length > 0 ? new SchemaLimits { Format = format } : null };

    private static Dictionary<string, TypeText> ReadTexts()
    {
        using var stream = typeof(BuiltinTypes).Assembly.GetManifestResourceStream("builtin.types")
            ?? throw new InvalidOperationException("the table of built-in types is not embedded");
        using var reader = new StreamReader(stream);
        var types = new Dictionary<string, TypeText>();
        TypeText? current = null;
        while (reader.ReadLine() is { } line)
        {
            if (line.StartsWith('#'))
            {
                continue;
            }

            var words = line.Trim().Split(' ');
            if (line.StartsWith(' '))
            {
                current!.Fields.Add(words);
            }
            else
            {
                current = new TypeText(words.Length > 1, []);
                types[words[0]] = current;
            }
        }

        return types;
    }

    private sealed record TypeText(bool Atomic, List<string[]> Fields);
}
