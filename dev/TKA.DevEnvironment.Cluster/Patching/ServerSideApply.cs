using TKA.DevEnvironment.Cluster.Validation.Builtin;

namespace TKA.DevEnvironment.Cluster.Patching;

/// <summary>
/// Server-side apply: the configuration's fields become the manager's, a field that it no longer names and no other manager owns is removed, and a field
/// that another manager owns with another value is a conflict unless forced.
/// </summary>
internal sealed class ServerSideApply(ObjectWriter writer, TimeProvider time)
{
    /// <summary>Applies a configuration; creates the object when it does not exist.</summary>
    /// <exception cref="StatusException">400, 403, 409 with a cause for each conflict, 422.</exception>
    public WriteResult Apply(ResourceDefinition definition, WriteRequest request, byte[] body, Action authorizeCreate)
    {
        if (request.Options.FieldManager.Length == 0)
        {
            throw Statuses.InvalidOptions("PatchOptions", e => e.Required("fieldManager", "is required for apply patch"));
        }

        var applied = BodyReader.ParseObject(body, yaml: true);
        ObjectMetadata.AdoptType(definition, applied);
        RequireDeclared(definition, applied);
        ObjectMetadata.Adopt(definition, applied, request.Info, nameFromUrl: true);
        if (applied.Child("metadata")?["managedFields"] is not null)
        {
            throw Statuses.BadRequest("metadata.managedFields must be nil");
        }

        definition.Strategy.Decode(applied, request.Options.FieldValidation, request.Warn);
        try
        {
            return writer.Update(definition, request, live => Merge(definition, request, live, applied), apply: true);
        }
        catch (StatusException exception) when (exception.Code == 404 && request.Info.Subresource.Length == 0)
        {
            return Create(definition, request, applied, authorizeCreate);
        }
    }

    /// <summary>A configuration owns the fields that it names and that exist.</summary>
    private static void RequireDeclared(ResourceDefinition definition, JsonObject applied)
    {
        var copy = (JsonObject)applied.DeepClone();
        var unknown = copy["metadata"] is JsonObject metadata ? SchemaPruner.Prune(metadata, BuiltinTypes.ObjectMeta).ConvertAll(field => $"metadata.{field}") : [];
        unknown.AddRange(SchemaPruner.Prune(copy, definition.Strategy.Schema));
        if (unknown.Count == 0)
        {
            return;
        }

        var name = $"{applied.Namespace()}/{applied.Name()}";
        throw new StatusException(
            500,
            "",
            $"failed to create typed patch object ({name}; {(definition.Group.Length == 0 ? "/" : "")}{definition.ApiVersion}, Kind={definition.Kind}): {string.Join('\n', unknown.Select(field => $".{field}: field not declared in schema"))}");
    }

    private WriteResult Create(ResourceDefinition definition, WriteRequest request, JsonObject applied, Action authorizeCreate)
    {
        if (applied.Child("metadata").Text("uid") is { Length: > 0 } uid)
        {
            throw Statuses.Conflict(definition.GroupResource, request.Info.Name, $"uid mismatch: the provided object specified uid {uid}, and no existing object was found");
        }

        authorizeCreate();
        var fields = OwnedFields(definition, request, applied);
        return writer.Create(definition, request, (JsonObject)applied.DeepClone(), obj =>
        {
            var managers = new FieldManagers();
            managers.Set(Manager(definition, request), fields, Timestamps.Now(time));
            managers.Write(obj.ChildOrNew("metadata"));
        });
    }

    private JsonObject Merge(ResourceDefinition definition, WriteRequest request, JsonObject live, JsonObject applied)
    {
        var schema = definition.Strategy.Schema;
        var manager = Manager(definition, request);
        var managers = FieldManagers.Read(live.Child("metadata"));
        var fields = OwnedFields(definition, request, applied);
        var merged = (JsonObject)ApplyMerge.Merge(live.DeepClone(), applied, schema)!;
        var (changed, _) = FieldComparison.Compare(live, merged, schema);

        ApplyConflicts.Resolve(managers, manager, changed.Intersect(fields), request.Options.Force == true);
        var kept = managers.OwnedByOthers(manager).Union(fields);
        var dropped = managers[manager].Except(kept);
        ApplyMerge.Remove(merged, dropped, kept, schema);

        var now = Timestamps.Now(time);
        managers.Set(manager, fields, now);
        if (!changed.IsEmpty || !dropped.IsEmpty)
        {
            managers.Touch(manager, now);
        }

        managers.Write(merged.ChildOrNew("metadata"));
        return merged;
    }

    /// <summary>What the configuration owns: its fields, without status unless it is applied to status, and then nothing else.</summary>
    private static FieldSet OwnedFields(ResourceDefinition definition, WriteRequest request, JsonObject applied)
    {
        var fields = ObjectFields.Of(applied, definition.Strategy.Schema);
        if (request.Info.Subresource == "status")
        {
            foreach (var edge in fields.Children.Keys.Where(e => e != "f:status").ToList())
            {
                fields.Remove(edge);
            }
        }
        else if (definition.Strategy.HasStatus)
        {
            fields.Remove("f:status");
        }

        return fields;
    }

    private static FieldManager Manager(ResourceDefinition definition, WriteRequest request) =>
        new(request.Options.FieldManager, FieldManagers.ApplyOperation, definition.ApiVersion, request.Info.Subresource);
}
