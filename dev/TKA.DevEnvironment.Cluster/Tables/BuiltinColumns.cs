using System.Globalization;
using System.Text.Json.Nodes;
using TKA.DevEnvironment.Cluster.Storage;

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
        [new("", "nodes")] = Table(
            Name,
            Text("Status", NodeStatus),
            Text("Roles", NodeRoles),
            Age,
            Text("Version", o => o.Child("status").Child("nodeInfo").Text("kubeletVersion"))),
        [new("", "services")] = Table(
            Name,
            Text("Type", o => o.Child("spec").Text("type")),
            Text("Cluster-IP", o => Or(o.Child("spec").Text("clusterIP"), "<none>")),
            Text("External-IP", o => Or(string.Join(',', o.Child("spec").Strings("externalIPs")), "<none>")),
            Text("Port(s)", ServicePorts),
            Age,
            Wide(Text("Selector", o => Labels(o.Child("spec").Child("selector"))))),
        [new("", "endpoints")] = Table(Name, Text("Endpoints", Endpoints), Age),
        [new("", "events")] = EventColumns.Core,
        [new("events.k8s.io", "events")] = EventColumns.Events,
        [new("", "persistentvolumeclaims")] = Table(
            Name, Text("Status", o => o.Child("status").Text("phase")), Text("Volume", o => o.Child("spec").Text("volumeName")), Age),
        [new("apps", "deployments")] = Table(
            Name,
            Text("Ready", o => Invariant($"{Status(o, "readyReplicas")}/{Spec(o, "replicas")}")),
            Number("Up-to-date", o => Status(o, "updatedReplicas")),
            Number("Available", o => Status(o, "availableReplicas")),
            Age,
            Wide(Text("Containers", o => Containers(o, "name"))),
            Wide(Text("Images", o => Containers(o, "image"))),
            Wide(Text("Selector", o => Labels(o.Child("spec").Child("selector").Child("matchLabels"))))),
        [new("apps", "replicasets")] = Table(
            Name,
            Number("Desired", o => Spec(o, "replicas")),
            Number("Current", o => Status(o, "replicas")),
            Number("Ready", o => Status(o, "readyReplicas")),
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
        [new("apps", "daemonsets")] = Table(
            Name,
            Number("Desired", o => Status(o, "desiredNumberScheduled")),
            Number("Current", o => Status(o, "currentNumberScheduled")),
            Number("Ready", o => Status(o, "numberReady")),
            Number("Up-to-date", o => Status(o, "updatedNumberScheduled")),
            Number("Available", o => Status(o, "numberAvailable")),
            Text("Node Selector", o => Labels(o.Child("spec").Child("template").Child("spec").Child("nodeSelector"))),
            Age),
        [new("batch", "jobs")] = Table(
            Name,
            Text("Status", JobStatus),
            Text("Completions", o => Invariant($"{Status(o, "succeeded")}/{Spec(o, "completions", 1)}")),
            Age),
        [new("batch", "cronjobs")] = Table(
            Name,
            Text("Schedule", o => o.Child("spec").Text("schedule")),
            Text("Timezone", o => Or(o.Child("spec").Text("timeZone"), "<none>")),
            Text("Suspend", o => o.Child("spec").Flag("suspend") ? "True" : "False"),
            Number("Active", o => o.Child("status").Items("active")?.Count ?? 0),
            Date("Last Schedule", o => o.Child("status")?["lastScheduleTime"]),
            Age),
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

    private static string Subjects(JsonObject obj, string kind) => string.Join(", ", (obj.Items("subjects") ?? []).OfType<JsonObject>()
        .Where(s => s.Text("kind") == kind)
        .Select(s => kind == "ServiceAccount" ? $"{s.Text("namespace")}/{s.Text("name")}" : s.Text("name")));

    private static long Count(JsonObject obj, string field) => obj.Child(field)?.Count ?? 0;

    private static long Status(JsonObject obj, string field) => obj.Child("status").Integer(field) ?? 0;

    private static long Spec(JsonObject obj, string field, long otherwise = 0) => obj.Child("spec").Integer(field) ?? otherwise;

    private static string Containers(JsonObject obj, string field) => string.Join(',',
        (obj.Child("spec").Child("template").Child("spec").Items("containers") ?? []).OfType<JsonObject>().Select(c => c.Text(field)));

    private static string ServicePorts(JsonObject obj)
    {
        var ports = (obj.Child("spec").Items("ports") ?? []).OfType<JsonObject>()
            .Select(p => p.Integer("nodePort") is { } node
                ? Invariant($"{p.Integer("port")}:{node}/{p.Text("protocol")}")
                : Invariant($"{p.Integer("port")}/{p.Text("protocol")}"));
        return Or(string.Join(',', ports), "<none>");
    }

    private static string Endpoints(JsonObject obj)
    {
        var addresses = (obj.Items("subsets") ?? []).OfType<JsonObject>().SelectMany(s =>
            (s.Items("addresses") ?? []).OfType<JsonObject>().SelectMany(a =>
                (s.Items("ports") ?? []).OfType<JsonObject>().Select(p => Invariant($"{a.Text("ip")}:{p.Integer("port")}"))));
        return Or(string.Join(',', addresses.Take(3)), "<none>");
    }

    private static string NodeStatus(JsonObject obj)
    {
        var ready = (obj.Child("status").Items("conditions") ?? []).OfType<JsonObject>().FirstOrDefault(c => c.Text("type") == "Ready");
        var status = ready is null ? "Unknown" : ready.Text("status") == "True" ? "Ready" : "NotReady";
        return obj.Child("spec").Flag("unschedulable") ? status + ",SchedulingDisabled" : status;
    }

    private static string NodeRoles(JsonObject obj)
    {
        const string Prefix = "node-role.kubernetes.io/";
        var roles = (obj.Child("metadata").Child("labels") ?? []).Select(l => l.Key).Where(k => k.StartsWith(Prefix, StringComparison.Ordinal)).Select(k => k[Prefix.Length..]);
        return Or(string.Join(',', roles.Order(StringComparer.Ordinal)), "<none>");
    }

    private static string JobStatus(JsonObject obj)
    {
        var conditions = (obj.Child("status").Items("conditions") ?? []).OfType<JsonObject>().Where(c => c.Text("status") == "True").Select(c => c.Text("type")).ToHashSet();
        return conditions.Contains("Complete") ? "Complete" : conditions.Contains("Failed") ? "Failed" : conditions.Contains("Suspended") ? "Suspended" : "Running";
    }

    private static string ParamKind(JsonObject obj)
    {
        var kind = obj.Child("spec").Child("paramKind");
        return kind is null ? "<unset>" : $"{kind.Text("apiVersion")}/{kind.Text("kind")}";
    }
}
