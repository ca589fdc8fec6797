using TKA.DevEnvironment.Cluster.Patching;
using TKA.DevEnvironment.Cluster.Validation.Builtin;

namespace TKA.DevEnvironment.Cluster.Registry.Core;

/// <summary>A built-in type: its fields are known, nulls mean absent, unknown fields are dropped or refused.</summary>
internal class BuiltinStrategy : ResourceStrategy
{
    private Schema? _schema;

    /// <summary>Name in the table of built-in types.</summary>
    public string TypeName { get; init; } = "";

    /// <summary>API version, for messages.</summary>
    public string Version { get; init; } = "v1";

    public override Schema Schema => _schema ??= BuiltinTypes.Root(TypeName);

    private string Kind => TypeName[(TypeName.LastIndexOf('.') + 1)..];

    public override void Decode(JsonObject obj, FieldValidation validation, Action<string> warn)
    {
        Nulls.Drop(obj, Schema);
        var unknown = SchemaPruner.Prune(obj, Schema);
        ObjectDecoder.RequireTypes(obj, Schema, Kind, Version);
        ObjectDecoder.Report(unknown, validation, warn, Kind, Version);
    }

    public sealed override void Validate(JsonObject obj, FieldErrors errors)
    {
        new SchemaValidator(errors, SchemaScope.Builtin).Validate(obj, Schema, "");
        ValidateContent(obj, errors);
    }

    /// <summary>Validates what the type's table does not say.</summary>
    protected virtual void ValidateContent(JsonObject obj, FieldErrors errors)
    {
    }

    public override MergeRule MergeRuleOf(string path)
    {
        Schema? schema = Schema;
        foreach (var name in path.Split('.', StringSplitOptions.RemoveEmptyEntries))
        {
            schema = (schema?.Items ?? schema)?.Member(name);
        }

        return schema switch
        {
            { ListKind: ListKind.Map } => MergeRule.By(schema.ListKeys[0]),
            { ListKind: ListKind.Set } => MergeRule.Set,
            _ => MergeRule.Replace,
        };
    }
}
