using TKA.DevEnvironment.Cluster.Patching;

namespace TKA.DevEnvironment.Cluster.Registry;

/// <summary>Changes of stored objects.</summary>
internal sealed partial class ObjectWriter
{
    private const int Attempts = 16;

    /// <summary>Changes an object. When another write comes first and the change names no resource version, the change is made again on the new version.</summary>
    /// <param name="definition">Resource.</param>
    /// <param name="request">The writer and its options; the request's name and namespace say which object.</param>
    /// <param name="change">Makes the wanted object from a private copy of the current one.</param>
    /// <param name="apply">Whether managedFields were already set by server-side apply.</param>
    /// <exception cref="StatusException">400, 403, 404, 409 Conflict, 422.</exception>
    public WriteResult Update(ResourceDefinition definition, WriteRequest request, Func<JsonObject, JsonObject> change, bool apply = false)
    {
        for (var attempt = 1; ; attempt++)
        {
            var current = Find(definition, request.Info);
            var old = current.Read();
            var wanted = change((JsonObject)old.DeepClone());
            var version = Version(wanted);
            if (version is "" or "0")
            {
                RequireUnconditional(definition, current.Name);
            }
            else if (version != Version(old))
            {
                // A caller that sends the version it read gets a conflict for every change since then, also for one made during this request.
                throw Statuses.Conflict(definition.GroupResource, current.Name);
            }

            if (UpdateOnce(definition, request, current, old, wanted, apply) is { } result)
            {
                return result;
            }

            if (attempt == Attempts)
            {
                throw Statuses.Conflict(definition.GroupResource, current.Name);
            }
        }
    }

    private static string Version(JsonObject obj) => obj.Child("metadata").Text("resourceVersion");

    private static void RequireUnconditional(ResourceDefinition definition, string name)
    {
        if (definition.Strategy.AllowUnconditionalUpdate)
        {
            return;
        }

        var errors = new FieldErrors();
        errors.Invalid("metadata.resourceVersion", 0, "must be specified for an update");
        errors.ThrowIfAny(definition.Group, definition.Kind, name);
    }

    private WriteResult? UpdateOnce(
        ResourceDefinition definition, WriteRequest request, StoredObject current, JsonObject old, JsonObject obj, bool apply)
    {
        DecodeUpdate(definition, request, obj, patched: request.Info.Verb == "patch" && !apply);
        var metadata = ObjectMetadata.Adopt(definition, obj, request.Info, nameFromUrl: true);
        var oldMetadata = old.ChildOrNew("metadata");
        if (request.Info.Verb == "update" && metadata.Text("uid") is { Length: > 0 } uid && uid != current.Uid)
        {
            throw Statuses.Conflict(
                definition.GroupResource,
                current.Name,
                $"Precondition failed: UID in precondition: {uid}, UID in object meta: {current.Uid}");
        }

        ObjectMetadata.PrepareForUpdate(metadata, oldMetadata);
        switch (request.Info.Subresource)
        {
            case "status":
                definition.Strategy.PrepareForStatusUpdate(obj, old);
                break;
            case "finalize":
                definition.Strategy.PrepareForFinalize(obj, old);
                break;
            default:
                definition.Strategy.PrepareForUpdate(obj, old);
                break;
        }

        metadata = obj.ChildOrNew("metadata");
        metadata["resourceVersion"] = oldMetadata["resourceVersion"]?.DeepClone();
        definition.Strategy.Default(obj);
        BumpGeneration(definition, obj, old);
        var attributes = Attributes(definition, request, "UPDATE", obj, old);
        admission.Mutate(attributes);

        var errors = new FieldErrors();
        MetadataRules.Validate(definition, metadata, errors);
        MetadataRules.ValidateUpdate(metadata, oldMetadata, errors);
        definition.Strategy.Validate(obj, errors);
        definition.Strategy.ValidateUpdate(obj, old, errors);
        errors.ThrowIfAny(definition.Group, definition.Kind, current.Name);
        admission.Validate(attributes);
        RefuseSample(definition, request);
        if (!apply)
        {
            ManagedFields.TrackUpdate(definition, obj, old, request, time);
        }

        return Store(definition, request, current, old, obj);
    }

    /// <summary>Decodes what is to be stored. When a patch made it undecodable, the error names the patch.</summary>
    private static void DecodeUpdate(ResourceDefinition definition, WriteRequest request, JsonObject obj, bool patched)
    {
        try
        {
            ObjectMetadata.AdoptType(definition, obj);
            if (obj["metadata"] is null or JsonObject)
            {
                definition.Strategy.Decode(obj, request.Options.FieldValidation, request.Warn);
            }
        }
        catch (StatusException exception) when (patched && exception.Code == 400)
        {
            var errors = new FieldErrors();
            if (definition.IsCustom && obj.Text("apiVersion") is var version && version != definition.ApiVersion)
            {
                errors.Invalid("apiVersion", version, $"must be {definition.ApiVersion}");
                errors.ThrowIfAny(version.Split('/')[0], definition.Kind, request.Info.Name);
            }

            errors.Invalid("patch", definition.Kind, exception.Message);
            errors.ThrowIfAny("", "", "");
        }
    }

    private WriteResult? Store(ResourceDefinition definition, WriteRequest request, StoredObject current, JsonObject old, JsonObject obj)
    {
        var gone = obj.Child("metadata")?["deletionTimestamp"] is not null && !definition.Strategy.HoldsBackDeletion(obj);
        if (!gone && ManagedFields.SameButForTimes(obj, old))
        {
            // Nothing changed: no write, no event, same resource version.
            return new WriteResult(current, Created: false);
        }

        if (request.Options.DryRun)
        {
            return new WriteResult(StoredObject.Preview(obj), Created: false, gone);
        }

        var result = gone ? store.Remove(definition.GroupResource, current, obj) : store.Replace(definition.GroupResource, current, obj);
        return result is null ? null : new WriteResult(result, Created: false, gone);
    }

    private static void BumpGeneration(ResourceDefinition definition, JsonObject obj, JsonObject old)
    {
        if (!definition.Strategy.HasGeneration)
        {
            return;
        }

        foreach (var name in obj.Select(p => p.Key).Union(old.Select(p => p.Key)))
        {
            if (name is not ("metadata" or "status" or "kind" or "apiVersion") && !JsonNode.DeepEquals(obj[name], old[name]))
            {
                obj.ChildOrNew("metadata")["generation"] = (old.Child("metadata").Integer("generation") ?? 0) + 1;
                return;
            }
        }
    }
}
