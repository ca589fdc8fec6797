using System.Globalization;

namespace TKA.DevEnvironment.Cluster.Tables;

/// <summary>Columns of the built-in resources, as kubectl users know them.</summary>
internal static class BuiltinColumns
{
    private static readonly TableColumn Name = DefaultColumns.Name;
    private static readonly TableColumn Age = DefaultColumns.Age;

    private static readonly Dictionary<GroupResource, TableDefinition> Tables = new()
    {
        [new("", "namespaces")] = Table(Name, Text("Status", o => o.Child("status").Text("phase")), Age),
        [new("", "configmaps")] = Table(Name, Number("Data", o => Count(o, "data") + Count(o, "binaryData")), Age),
        [new("", "secrets")] = Table(Name, Text("Type", o => o.Text("type")), Number("Data", o => Count(o, "data")), Age),
        [new("", "serviceaccounts")] = Table(Name, Number("Secrets", o => o.Items("secrets")?.Count ?? 0), Age),
        [new("", "pods")] = PodColumns.Table,
        [new("", "services")] = Table(
            Name,
            Text("Type", o => o.Child("spec").Text("type")),
            Text("Cluster-IP", o => Or(o.Child("spec").Text("clusterIP"), "<none>")),
            Text("External-IP", o => Or(string.Join(',', o.Child("spec").Texts("externalIPs")), "<none>")),
            Text("Port(s)", ServicePorts),
            Age,
            Wide(Text("Selector", o => Labels(o.Child("spec").Child("selector"))))),
        [new("", "events")] = EventColumns.Table,
        [new("apps", "deployments")] = Table(
            Name,
            Text("Ready", o => Invariant($"{Status(o, "readyReplicas")}/{Spec(o, "replicas")}")),
            Number("Up-to-date", o => Status(o, "updatedReplicas")),
            Number("Available", o => Status(o, "availableReplicas")),
            Age,
            Wide(Text("Containers", o => Containers(o, "name"))),
            Wide(Text("Images", o => Containers(o, "image"))),
            Wide(Text("Selector", o => Labels(o.Child("spec").Child("selector").Child("matchLabels"))))),
        [new("apps", "statefulsets")] = Table(
            Name,
            Text("Ready", o => Invariant($"{Status(o, "readyReplicas")}/{Spec(o, "replicas")}")),
            Age,
            Wide(Text("Containers", o => Containers(o, "name"))),
            Wide(Text("Images", o => Containers(o, "image")))),
        [new("rbac.authorization.k8s.io", "roles")] = Table(Name, Created()),
        [new("rbac.authorization.k8s.io", "clusterroles")] = Table(Name, Created()),
        [new("rbac.authorization.k8s.io", "rolebindings")] = Bindings(),
        [new("rbac.authorization.k8s.io", "clusterrolebindings")] = Bindings(),
        [new("coordination.k8s.io", "leases")] = Table(Name, Text("Holder", o => o.Child("spec").Text("holderIdentity")), Age),
        [new("networking.k8s.io", "networkpolicies")] = Table(Name, Text("Pod-Selector", o => Labels(o.Child("spec").Child("podSelector").Child("matchLabels"))), Age),
        [new("apiextensions.k8s.io", "customresourcedefinitions")] = Table(Name, Created()),
        [new("admissionregistration.k8s.io", "validatingadmissionpolicies")] = Table(
            Name, Number("Validations", o => o.Child("spec").Items("validations")?.Count ?? 0), Text("ParamKind", ParamKind), Age),
        [new("admissionregistration.k8s.io", "validatingadmissionpolicybindings")] = Table(
            Name,
            Text("PolicyName", o => o.Child("spec").Text("policyName")),
            Text("ParamRef", o => Or(o.Child("spec").Child("paramRef").Text("name"), "<unset>")),
            Age),
    };

    /// <summary>Columns of a built-in resource, or null.</summary>
    public static TableDefinition? Of(GroupResource resource) => Tables.GetValueOrDefault(resource);

    internal static TableDefinition Table(params TableColumn[] columns) => new(columns);

    internal static TableColumn Text(string name, Func<JsonObject, string> cell) => new(name, "string", o => cell(o));

    internal static TableColumn Number(string name, Func<JsonObject, long> cell) => new(name, "integer", o => cell(o));

    internal static TableColumn Date(string name, Func<JsonObject, JsonNode?> cell) => new(name, "date", cell);

    internal static TableColumn Wide(TableColumn column) => column with { Priority = 1 };

    internal static string Or(string text, string otherwise) => text.Length > 0 ? text : otherwise;

    internal static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    internal static string Labels(JsonObject? labels) =>
        labels is { Count: > 0 } ? string.Join(',', labels.Select(p => $"{p.Key}={p.Value}")) : "<none>";

    private static TableDefinition Bindings() => Table(
        Name,
        Text("Role", o => $"{o.Child("roleRef").Text("kind")}/{o.Child("roleRef").Text("name")}"),
        Age,
        Wide(Text("Users", o => Subjects(o, "User"))),
        Wide(Text("Groups", o => Subjects(o, "Group"))),
        Wide(Text("ServiceAccounts", o => Subjects(o, "ServiceAccount"))));

    private static TableColumn Created() => Text("Created At", o => o.Child("metadata").Text("creationTimestamp"));

    private static string Subjects(JsonObject obj, string kind) => string.Join(", ", obj.Objects("subjects")
        .Where(s => s.Text("kind") == kind)
        .Select(s => kind == "ServiceAccount" ? $"{s.Text("namespace")}/{s.Text("name")}" : s.Text("name")));

    private static long Count(JsonObject obj, string field) => obj.Child(field)?.Count ?? 0;

    private static long Status(JsonObject obj, string field) => obj.Child("status").Integer(field) ?? 0;

    private static long Spec(JsonObject obj, string field, long otherwise = 0) => obj.Child("spec").Integer(field) ?? otherwise;

    private static string Containers(JsonObject obj, string field) => string.Join(',',
        obj.Child("spec").Child("template").Child("spec").Objects("containers").Select(c => c.Text(field)));

    private static string ServicePorts(JsonObject obj)
    {
        var ports = obj.Child("spec").Objects("ports")
            .Select(p => p.Integer("nodePort") is { } node
                ? Invariant($"{p.Integer("port")}:{node}/{p.Text("protocol")}")
                : Invariant($"{p.Integer("port")}/{p.Text("protocol")}"));
        return Or(string.Join(',', ports), "<none>");
    }

    private static string ParamKind(JsonObject obj)
    {
        var kind = obj.Child("spec").Child("paramKind");
        return kind is null ? "<unset>" : $"{kind.Text("apiVersion")}/{kind.Text("kind")}";
    }
}
