using TKA.DevEnvironment.Cluster.Admission;
using TKA.DevEnvironment.Cluster.Authentication;

namespace TKA.DevEnvironment.Cluster.Registry;

/// <summary>Deletes objects: preconditions, finalizers, deletionTimestamp.</summary>
internal sealed class ObjectDeleter(ObjectStore store, AdmissionChain admission, TimeProvider time)
{
    /// <summary>Deletes, or marks as being deleted what finalizers hold back.</summary>
    /// <exception cref="StatusException">403, 404, 409 when a precondition fails.</exception>
    public WriteResult Delete(ResourceDefinition definition, UserInfo user, RequestInfo info, DeleteOptions options)
    {
        var @namespace = definition.Namespaced ? info.Namespace : "";
        while (true)
        {
            var current = store.Find(definition.GroupResource, @namespace, info.Name)
                ?? throw Statuses.NotFound(definition.GroupResource, info.Name);
            CheckPreconditions(definition, current, options);
            var old = current.Read();
            admission.Validate(new AdmissionRequest(user, "DELETE", info, definition.Kind, null, old, options.DryRun));
            if (DeleteOnce(definition, current, old, options) is { } result)
            {
                return result;
            }
        }
    }

    private WriteResult? DeleteOnce(ResourceDefinition definition, StoredObject current, JsonObject old, DeleteOptions options)
    {
        var obj = (JsonObject)old.DeepClone();
        var metadata = obj.ChildOrNew("metadata");
        var alreadyDeleting = metadata["deletionTimestamp"] is not null;
        if (!alreadyDeleting)
        {
            definition.Strategy.MarkDeleting(obj, time);
        }

        if (!definition.Strategy.HoldsBackDeletion(obj))
        {
            if (options.DryRun)
            {
                return new WriteResult(current, Created: false, Gone: true);
            }

            return store.Remove(definition.GroupResource, current) is { } removed ? new WriteResult(removed, false, Gone: true) : null;
        }

        if (!alreadyDeleting)
        {
            metadata["deletionTimestamp"] = Timestamps.Now(time);
            metadata["deletionGracePeriodSeconds"] = 0;
            if (metadata.Integer("generation") is { } generation)
            {
                metadata["generation"] = generation + 1;
            }
        }
        else if (JsonNode.DeepEquals(obj, old))
        {
            return new WriteResult(current, Created: false);
        }

        if (options.DryRun)
        {
            return new WriteResult(StoredObject.Preview(obj), Created: false);
        }

        return store.Replace(definition.GroupResource, current, obj) is { } marked ? new WriteResult(marked, Created: false) : null;
    }

    private static void CheckPreconditions(ResourceDefinition definition, StoredObject current, DeleteOptions options)
    {
        if (options.PreconditionUid is { } uid && uid != current.Uid)
        {
            throw Statuses.Conflict(
                definition.GroupResource,
                current.Name,
                $"Precondition failed: UID in precondition: {uid}, UID in object meta: {current.Uid}");
        }

        if (options.PreconditionResourceVersion is { } version && ListOptions.ParseRevision(version) != current.ResourceVersion)
        {
            throw Statuses.Conflict(
                definition.GroupResource,
                current.Name,
                $"Precondition failed: ResourceVersion in precondition: {version}, ResourceVersion in object meta: {current.ResourceVersion}");
        }
    }
}
