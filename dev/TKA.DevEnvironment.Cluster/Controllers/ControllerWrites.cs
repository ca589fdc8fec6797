using TKA.DevEnvironment.Cluster.Authentication;

namespace TKA.DevEnvironment.Cluster.Controllers;

/// <summary>Writes of a controller: with the same admission and validation as any other write, under the name it has in a real cluster.</summary>
internal sealed class ControllerWrites(ObjectWriter writer, ObjectDeleter deleter, string serviceAccount, params string[] groups)
{
    /// <summary>Admission policies see this user, so its names are those of a real cluster.</summary>
    private readonly UserInfo _user = new(
        $"system:serviceaccount:kube-system:{serviceAccount}",
        "",
        ["system:serviceaccounts", "system:serviceaccounts:kube-system", "system:authenticated", .. groups],
        new Dictionary<string, IReadOnlyList<string>>());

    private static readonly WriteOptions Options = new(DryRun: false, "kube-controller-manager", FieldValidation.Ignore, Force: null);

    /// <summary>Creates an object.</summary>
    public void Create(ResourceDefinition definition, string @namespace, JsonObject obj) =>
        writer.Create(definition, Request(definition, "create", @namespace, ""), obj);

    /// <summary>Changes an object; does nothing when it no longer exists.</summary>
    public void Update(ResourceDefinition definition, string @namespace, string name, Action<JsonObject> change, string subresource = "") =>
        Ignoring404(() => writer.Update(definition, Request(definition, "update", @namespace, name, subresource), current =>
        {
            change(current);
            return current;
        }));

    /// <summary>Deletes exactly this object; does nothing when it no longer exists.</summary>
    public void Delete(ResourceDefinition definition, StoredObject stored) =>
        Ignoring404(() => deleter.Delete(
            definition,
            _user,
            RequestInfo.ForObject(definition, "delete", stored.Namespace, stored.Name),
            new DeleteOptions(DryRun: false, stored.Uid, PreconditionResourceVersion: null)));

    private static void Ignoring404(Action write)
    {
        try
        {
            write();
        }
        catch (StatusException exception) when (exception.Code == 404)
        {
            // The object no longer exists.
        }
    }

    private WriteRequest Request(ResourceDefinition definition, string verb, string @namespace, string name, string subresource = "") =>
        new(_user, RequestInfo.ForObject(definition, verb, @namespace, name, subresource), Options) { Manager = Options.FieldManager, ByServer = true };
}
