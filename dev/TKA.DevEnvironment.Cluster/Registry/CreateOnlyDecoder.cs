using TKA.DevEnvironment.Cluster.Validation.Builtin;

namespace TKA.DevEnvironment.Cluster.Registry;

/// <summary>Decodes bodies of resources that are created and never stored, as strictly as those that are.</summary>
internal static class CreateOnlyDecoder
{
    /// <summary>Drops nulls and unknown fields, and checks types. Without this a mistyped list, say of audiences, would read as none.</summary>
    /// <exception cref="StatusException">400: a wrong type, or unknown fields when validation is strict.</exception>
    public static void Decode(string kind, JsonObject body, FieldValidation validation, Action<string> warn)
    {
        var schema = BuiltinTypes.Root(kind);
        Nulls.Drop(body, schema);
        var unknown = SchemaPruner.Prune(body, schema);
        ObjectDecoder.RequireTypes(body, schema, kind, "v1");
        ObjectDecoder.Report(unknown, validation, warn, kind, "v1");
    }
}
