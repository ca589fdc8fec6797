namespace TKA.DevEnvironment.Cluster.Admission;

/// <summary>What the Pod Security checks look at in a Pod, and how they name its parts.</summary>
internal sealed class PodView(JsonObject spec)
{
    private readonly JsonObject? _security = spec.Child("securityContext");

    /// <summary>All containers, the initializing ones first.</summary>
    public IReadOnlyList<JsonObject> AllContainers { get; } =
        [.. spec.Objects("initContainers"), .. spec.Objects("containers"), .. spec.Objects("ephemeralContainers")];

    /// <summary>Containers by name with their security contexts.</summary>
    public IEnumerable<(string Name, JsonObject? Context)> SecurityContexts => AllContainers.Select(c => (c.Text("name"), c.Child("securityContext")));

    /// <summary>Volumes by name with their type; a volume without a type is an <c>emptyDir</c>.</summary>
    public IEnumerable<(string Name, string Type)> Volumes =>
        spec.Objects("volumes").Select(v => (v.Text("name"), v.Select(member => member.Key).FirstOrDefault(key => key != "name", "emptyDir")));

    /// <summary><c>"a", "b"</c>.</summary>
    public static string Quote(IEnumerable<string> names) => string.Join(", ", names.Select(name => $"\"{name}\""));

    /// <summary><c>container "a"</c> or <c>containers "a", "b"</c>; empty for none.</summary>
    public static string Named(string noun, IEnumerable<string> names)
    {
        var list = names.ToList();
        return list.Count == 0 ? "" : $"{noun}{(list.Count == 1 ? "" : "s")} {Quote(list)}";
    }

    /// <summary>The containers whose security context is bad, and what they must do; empty when there are none.</summary>
    public string Containers(Func<JsonObject?, bool> bad, string must) =>
        Named("container", SecurityContexts.Where(c => bad(c.Context)).Select(c => c.Name)) is { Length: > 0 } named ? $"{named} {must}" : "";

    /// <summary>The pod and the containers that set a field to a bad value, and what they must do; empty when there are none.</summary>
    public string PodOrContainers(string field, Func<JsonNode?, bool> bad, string must)
    {
        var containers = Named("container", SecurityContexts.Where(c => c.Context?[field] is { } value && bad(value)).Select(c => c.Name));
        string[] setters = [.. _security?[field] is { } value && bad(value) ? ["pod"] : Array.Empty<string>(), .. containers.Length > 0 ? [containers] : Array.Empty<string>()];
        return setters.Length == 0 ? "" : $"{string.Join(" and ", setters)} {must}";
    }

    /// <summary>The containers for which neither they nor the pod set a field, and what they must do; empty when there are none.</summary>
    public string Missing(string field, string must)
    {
        var missing = _security?[field] is null ? Named("container", SecurityContexts.Where(c => c.Context?[field] is null).Select(c => c.Name)) : "";
        return missing.Length == 0 ? "" : $"pod or {missing} {must}";
    }
}
