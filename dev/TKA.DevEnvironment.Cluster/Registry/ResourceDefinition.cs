using TKA.DevEnvironment.Cluster.Tables;

namespace TKA.DevEnvironment.Cluster.Registry;

/// <summary>One served resource in one version: what discovery says about it, and the strategy that gives it its behaviour.</summary>
internal sealed class ResourceDefinition
{
    /// <summary>Verbs of resources that are stored.</summary>
    public static readonly IReadOnlyList<string> StoredVerbs = ["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"];

    /// <summary>API group, empty for core.</summary>
    public required string Group { get; init; }

    /// <summary>API version.</summary>
    public required string Version { get; init; }

    /// <summary>Plural, as in paths and RBAC rules.</summary>
    public required string Resource { get; init; }

    /// <summary>Kind.</summary>
    public required string Kind { get; init; }

    /// <summary>Kind of lists.</summary>
    public string ListKind
    {
        get => field ?? Kind + "List";
        init;
    }

    /// <summary>Singular, which kubectl also accepts.</summary>
    public string Singular
    {
        get => field ?? Kind.ToLowerInvariant();
        init;
    }

    /// <summary>Whether objects live in namespaces.</summary>
    public bool Namespaced { get; init; } = true;

    /// <summary>Short names kubectl accepts.</summary>
    public IReadOnlyList<string> ShortNames { get; init; } = [];

    /// <summary>Groups of resources kubectl accepts, such as <c>all</c>.</summary>
    public IReadOnlyList<string> Categories { get; init; } = [];

    /// <summary>Subresources served for stored objects: <c>status</c>, <c>finalize</c>.</summary>
    public IReadOnlyList<string> Subresources { get; init; } = [];

    /// <summary>Verbs discovery announces.</summary>
    public IReadOnlyList<string> Verbs { get; init; } = StoredVerbs;

    /// <summary>Behaviour.</summary>
    public required ResourceStrategy Strategy { get; init; }

    /// <summary>Whether objects can be read and deleted only: every other write is refused with 501 once it is admitted.</summary>
    public bool IsSample { get; init; }

    /// <summary>Columns of tables; null for name and age.</summary>
    public TableDefinition? Table { get; init; }

    /// <summary>Columns, with the default.</summary>
    public TableDefinition Columns => Table ?? BuiltinColumns.Of(GroupResource) ?? DefaultColumns.NameAndAge;

    /// <summary>Where objects are stored; also used in messages and RBAC.</summary>
    public GroupResource GroupResource => new(Group, Resource);

    /// <summary>As in <c>apiVersion</c>.</summary>
    public string ApiVersion => Group.Length == 0 ? Version : $"{Group}/{Version}";

    /// <summary>OpenAPI v3 schema of a custom resource's objects; null for built-in ones.</summary>
    public JsonObject? Schema { get; init; }

    /// <summary>Whether it comes from a CustomResourceDefinition.</summary>
    public bool IsCustom { get; init; }

    /// <summary>Cancelled when the CustomResourceDefinition is deleted or changed, which ends the watches of the resource.</summary>
    public CancellationToken Removed { get; init; }

    /// <summary>Whether a subresource is served.</summary>
    public bool Serves(string subresource) => Subresources.Contains(subresource);
}
