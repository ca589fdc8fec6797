using System.Globalization;

namespace TKA.DevEnvironment.Cluster.Storage;

/// <summary>
/// One version of an object as the store keeps it: the JSON it answers with, and beside it only what selection and collection need
/// without parsing. Immutable, so it can be shared by readers, watches and history.
/// </summary>
internal sealed class StoredObject
{
    /// <summary>Orders by namespace, then name, bytewise: the order of lists.</summary>
    public static readonly IComparer<StoredObject> Order = Comparer<StoredObject>.Create(static (x, y) =>
        string.CompareOrdinal(x.Namespace, y.Namespace) is not 0 and var byNamespace ? byNamespace : string.CompareOrdinal(x.Name, y.Name));

    private StoredObject(string @namespace, string name) => (Namespace, Name) = (@namespace, name);

    private StoredObject(JsonObject obj, long resourceVersion)
        : this(obj.Namespace(), obj.Name())
    {
        var metadata = obj.ChildOrNew("metadata");
        if (resourceVersion > 0)
        {
            metadata["resourceVersion"] = resourceVersion.ToString(CultureInfo.InvariantCulture);
        }

        Uid = metadata.Text("uid");
        ResourceVersion = resourceVersion;
        Labels = metadata.Child("labels") is { Count: > 0 } labels ? [.. labels.Select(label => KeyValuePair.Create(label.Key, labels.Text(label.Key)))] : [];
        OwnerUids = metadata.Objects("ownerReferences") is { Count: > 0 } owners ? [.. owners.Select(owner => owner.Text("uid"))] : [];
        Json = ObjectJson.Serialize(obj);
    }

    /// <summary>Empty when cluster-scoped.</summary>
    public string Namespace { get; }

    /// <summary>Object name.</summary>
    public string Name { get; }

    /// <summary>Identity across re-creation under the same name.</summary>
    public string Uid { get; } = "";

    /// <summary>Store revision of the write that made this version.</summary>
    public long ResourceVersion { get; }

    /// <summary>UTF-8 JSON, resourceVersion included.</summary>
    public byte[] Json { get; } = [];

    /// <summary>Labels, for selectors.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Labels { get; } = [];

    /// <summary>Uids in ownerReferences, for the garbage collector.</summary>
    public IReadOnlyList<string> OwnerUids { get; } = [];

    /// <summary>Makes a version; sets the object's <c>metadata.resourceVersion</c>.</summary>
    public static StoredObject Create(JsonObject obj, long resourceVersion) => new(obj, resourceVersion);

    /// <summary>What a dry run would store: keeps the resourceVersion the object has, if any.</summary>
    public static StoredObject Preview(JsonObject obj) => new(obj, 0);

    /// <summary>A key to search ordered sets with.</summary>
    public static StoredObject Key(string @namespace, string name) => new(@namespace, name);

    /// <summary>A private copy as a tree.</summary>
    public JsonObject Read() => ObjectJson.ParseObject(Json);
}
