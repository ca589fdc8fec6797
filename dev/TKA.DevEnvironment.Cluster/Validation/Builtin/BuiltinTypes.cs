namespace TKA.DevEnvironment.Cluster.Validation.Builtin;

/// <summary>The schemas of the built-in types, made from <see cref="TypeTable"/>.</summary>
internal static class BuiltinTypes
{
    private static readonly Lazy<Dictionary<string, Schema>> Schemas = new(ReadAll);

    /// <summary>Metadata of every object.</summary>
    public static Schema ObjectMeta => Schemas.Value["ObjectMeta"];

    /// <summary>A whole object of a kind: its type with apiVersion and kind.</summary>
    /// <exception cref="KeyNotFoundException">There is no such type.</exception>
    public static Schema Root(string name) => new()
    {
        Type = SchemaType.Object,
        Properties = new Dictionary<string, Schema>(Schemas.Value[name].Properties)
        {
            ["apiVersion"] = Scalar(SchemaType.String),
            ["kind"] = Scalar(SchemaType.String),
        },
    };

    private static Dictionary<string, Schema> ReadAll()
    {
        var schemas = new Dictionary<string, Schema>();
        foreach (var name in TypeTable.Names)
        {
            Named(name, schemas);
        }

        return schemas;
    }

    private static Schema Named(string name, Dictionary<string, Schema> schemas)
    {
        if (schemas.TryGetValue(name, out var known))
        {
            return known;
        }

        var (atomic, fields) = TypeTable.Get(name);
        var properties = new Dictionary<string, Schema>();
        // Types refer to themselves, so a type is known before its members are.
        var schema = schemas[name] = new Schema
        {
            Type = SchemaType.Object,
            AtomicMap = atomic,
            Required = [.. fields.Where(field => field.IsRequired).Select(field => field.Name)],
            Properties = properties,
        };
        foreach (var field in fields)
        {
            properties[field.Name] = Member(field, schemas);
        }

        return schema;
    }

    private static Schema Member(TypeField field, Dictionary<string, Schema> schemas)
    {
        var schema = Read(field.Type, schemas);
        if (field.IsSet || field.Keys.Count > 0)
        {
            schema = schema with { ListKind = field.IsSet ? ListKind.Set : ListKind.Map, ListKeys = field.Keys };
        }

        if (field.Values.Count > 0)
        {
            var limits = new SchemaLimits { Enum = field.Values.ToJsonArray() };
            schema = schema.Items is { } items ? schema with { Items = items with { Limits = limits } } : schema with { Limits = limits };
        }

        return field.IsAlwaysThere || field.Type == "ObjectMeta" ? schema with { AlwaysThere = true } : schema;
    }

    private static Schema Read(string type, Dictionary<string, Schema> schemas) => type switch
    {
        ['[', ']', .. var item] => new Schema { Type = SchemaType.Array, Items = Read(item, schemas) },
        ['{', '}', .. var value] => new Schema { Type = SchemaType.Object, AdditionalProperties = Read(value, schemas) },
        "string" => Scalar(SchemaType.String),
        "bytes" => Scalar(SchemaType.String, "byte"),
        "time" => Scalar(SchemaType.String, "date-time"),
        "microtime" => Scalar(SchemaType.String, "micro-time"),
        "int32" or "int64" => Scalar(SchemaType.Integer, type),
        "number" => Scalar(SchemaType.Number),
        "boolean" => Scalar(SchemaType.Boolean),
        "quantity" => Scalar(SchemaType.IntOrString, "quantity"),
        "int-or-string" => Scalar(SchemaType.IntOrString),
        "any" => Schema.Anything,
        _ => Named(type, schemas),
    };

    private static Schema Scalar(SchemaType type, string format = "") =>
        new() { Type = type, Limits = format.Length > 0 ? new SchemaLimits { Format = format } : null };
}
