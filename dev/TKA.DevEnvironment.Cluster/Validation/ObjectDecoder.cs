using TKA.DevEnvironment.Cluster.Validation.Builtin;

namespace TKA.DevEnvironment.Cluster.Validation;

/// <summary>What decoding does beside parsing: wrong types are refused, unknown fields are dropped and reported.</summary>
internal static class ObjectDecoder
{
    /// <summary>Checks a built-in object (or only metadata) as Go's typed decoder would: a wrong type anywhere is 400.</summary>
    /// <exception cref="StatusException">400.</exception>
    public static void RequireTypes(JsonNode? node, Schema schema, string kind, string version)
    {
        var errors = new FieldErrors();
        new SchemaValidator(errors, SchemaScope.Types).Validate(node, schema, "");
        if (errors.Any)
        {
            var first = errors.Causes[0];
            throw Statuses.BadRequest(
                $"{kind} in version \"{version}\" cannot be handled as a {kind}: json: cannot unmarshal into field {first.Field}: {first.Message}");
        }
    }

    /// <summary>Refuses, warns of, or ignores unknown fields.</summary>
    /// <exception cref="StatusException">400 when validation is strict.</exception>
    public static void Report(IReadOnlyList<string> unknown, FieldValidation validation, Action<string> warn, string kind, string version)
    {
        if (unknown.Count == 0 || validation == FieldValidation.Ignore)
        {
            return;
        }

        var problems = unknown.Select(path => $"unknown field \"{path}\"").ToList();
        if (validation == FieldValidation.Strict)
        {
            throw Statuses.BadRequest($"{kind} in version \"{version}\" cannot be handled as a {kind}: strict decoding error: {string.Join(", ", problems)}");
        }

        foreach (var problem in problems)
        {
            warn(problem);
        }
    }

    /// <summary>Metadata is typed, whatever the resource: nulls are absent, types are checked, unknown fields dropped.</summary>
    /// <exception cref="StatusException">400.</exception>
    public static List<string> DecodeMetadata(JsonObject obj, string kind, string version)
    {
        if (obj["metadata"] is not JsonObject metadata)
        {
            return [];
        }

        Nulls.Drop(metadata, BuiltinTypes.ObjectMeta);
        var unknown = SchemaPruner.Prune(metadata, BuiltinTypes.ObjectMeta);
        RequireTypes(metadata, BuiltinTypes.ObjectMeta, kind, version);
        return [.. unknown.Select(u => $"metadata.{u}")];
    }
}
