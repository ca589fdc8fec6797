using TKA.DevEnvironment.Cluster.Validation.Builtin;

namespace TKA.DevEnvironment.Cluster.Registry.Core;

/// <summary>A built-in type: its fields are known, nulls mean absent, unknown fields are dropped or refused.</summary>
internal class BuiltinStrategy(string kind) : ResourceStrategy
{
    private const string Version = "v1";

    /// <summary>Kind of the objects.</summary>
    protected string Kind => kind;

    public override Schema Schema => field ??= BuiltinTypes.Root(kind);

    public override void Decode(JsonObject obj, FieldValidation validation, Action<string> warn)
    {
        Nulls.Drop(obj, Schema);
        var unknown = SchemaPruner.Prune(obj, Schema);
        ObjectDecoder.RequireTypes(obj, Schema, kind, Version);
        ObjectDecoder.Report(unknown, validation, warn, kind, Version);
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
}
