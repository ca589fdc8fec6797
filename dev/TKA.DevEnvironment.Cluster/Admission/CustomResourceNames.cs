namespace TKA.DevEnvironment.Cluster.Admission;

/// <summary>
/// Refuses a CustomResourceDefinition that shares a name with another one of its group. A real cluster stores it with the condition
/// <c>NamesAccepted</c> false and does not serve it, which has no counterpart here.
/// </summary>
internal sealed class CustomResourceNames(ObjectStore objects) : IAdmissionPlugin
{
    private const string Group = "apiextensions.k8s.io";
    private const string Resource = "customresourcedefinitions";
    private static readonly string[] Fields = ["plural", "singular", "kind", "listKind"];

    public void Admit(AdmissionRequest request)
    {
        if (request.Request is not { ApiGroup: Group, Resource: Resource, Subresource: "" } || request.Object is not { } definition)
        {
            return;
        }

        var others = objects.List(Group, Resource).Where(other =>
            other.Text("spec", "group") == definition.Text("spec", "group") && other.Name() != definition.Name());
        if (Names(definition).Intersect(others.SelectMany(Names)).FirstOrDefault() is { } taken)
        {
            throw Statuses.NotImplemented($"a custom resource with the name {taken}, which another one of its group has");
        }
    }

    private static IEnumerable<string> Names(JsonObject definition)
    {
        var names = definition.At("spec", "names");
        return names.Texts("shortNames").Concat(Fields.Select(field => names.Text(field)));
    }
}
