using TKA.DevEnvironment.Cluster.Admission;
using TKA.DevEnvironment.Cluster.Patching;
using FieldErrors = TKA.DevEnvironment.Cluster.Validation.FieldErrors;

namespace TKA.DevEnvironment.Cluster.Registry;

/// <summary>Creates and changes objects: decode, default, admit, validate, store, with optimistic concurrency.</summary>
internal sealed partial class ObjectWriter(ObjectStore store, AdmissionChain admission, TimeProvider time)
{
    /// <summary>Stores a new object.</summary>
    /// <exception cref="StatusException">400, 403, 409 AlreadyExists, 422.</exception>
    public WriteResult Create(ResourceDefinition definition, WriteRequest request, JsonObject body, Action<JsonObject>? track = null)
    {
        var obj = body;
        ObjectMetadata.AdoptType(definition, obj);
        var metadata = ObjectMetadata.Adopt(definition, obj, request.Info, nameFromUrl: request.Info.Name.Length > 0);
        definition.Strategy.Decode(obj, request.Options.FieldValidation, request.Warn);
        definition.Strategy.Default(obj);
        var owned = track is null ? ManagedFields.OfAuthor(definition, obj) : null;
        metadata = obj.ChildOrNew("metadata");
        ObjectMetadata.PrepareForCreate(definition, metadata, time);
        definition.Strategy.PrepareForCreate(obj);
        var attributes = Attributes(definition, request, "CREATE", obj, null);
        admission.Mutate(attributes);

        var errors = new FieldErrors();
        MetadataRules.Validate(definition, obj.ChildOrNew("metadata"), errors);
        definition.Strategy.Validate(obj, errors);
        definition.Strategy.ValidateCreate(obj, errors);
        errors.ThrowIfAny(definition.Group, definition.Kind, metadata.Text("name"));
        admission.Validate(attributes);
        RefuseSample(definition, request);
        if (owned is not null)
        {
            ManagedFields.TrackCreate(definition, obj, owned, request, time);
        }

        track?.Invoke(obj);

        if (request.Options.DryRun)
        {
            return store.Find(definition.GroupResource, metadata.Text("namespace"), metadata.Text("name")) is null
                ? new WriteResult(StoredObject.Preview(obj), Created: true)
                : throw Statuses.AlreadyExists(definition.GroupResource, metadata.Text("name"));
        }

        return store.Create(definition.GroupResource, obj) is { } created
            ? new WriteResult(created, Created: true)
            : throw Statuses.AlreadyExists(definition.GroupResource, metadata.Text("name"));
    }

    /// <summary>The stored object a request names.</summary>
    /// <exception cref="StatusException">404.</exception>
    public StoredObject Find(ResourceDefinition definition, RequestInfo info) =>
        store.Find(definition.GroupResource, definition.Namespaced ? info.Namespace : "", info.Name)
        ?? throw Statuses.NotFound(definition.GroupResource, info.Name);

    private static void RefuseSample(ResourceDefinition definition, WriteRequest request)
    {
        if (definition.IsSample && !request.ByServer)
        {
            throw Statuses.NotImplemented($"writing {definition.GroupResource}");
        }
    }

    private static AdmissionRequest Attributes(
        ResourceDefinition definition, WriteRequest request, string operation, JsonObject obj, JsonObject? old) =>
        new(request.User, operation, request.Info, definition.Kind, obj, old, request.Options.DryRun, request.Warn);
}
