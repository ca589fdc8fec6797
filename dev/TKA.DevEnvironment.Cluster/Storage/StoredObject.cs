using System.Globalization;

namespace TKA.DevEnvironment.Cluster.Storage;

/// <summary>
/// One version of an object as the store keeps it: the JSON it answers with, and beside it only what selection and collection need
/// without parsing. Immutable, so it can be shared by readers, watches and history.
/// </summary>
internal sealed class StoredObject
{
    private static readonly KeyValuePair<string, string>[] NoLabels = [];

    private StoredObject(string @namespace, string name)
    {
        Namespace = @namespace;
        Name = name;
        Uid = "";
        Json = [];
        Labels = NoLabels;
        OwnerUids = [];
    }

    private StoredObject(JsonObject obj, long resourceVersion)
    {
        var metadata = obj.ChildOrNew("metadata");
        if (resourceVersion > 0)
        {
            metadata["resourceVersion"] = resourceVersion.ToString(CultureInfo.InvariantCulture);
        }

        Namespace = metadata.Text("namespace");
        Name = metadata.Text("name");
        Uid = metadata.Text("uid");
        ResourceVersion = resourceVersion;
        Labels = ReadLabels(metadata.Child("labels"));
        OwnerUids = metadata.Items("ownerReferences") is { Count: > 0 } owners
            ? [.. owners.OfType<JsonObject>().Select(owner => owner.Text("uid"))]
            : [];
        Json = ObjectJson.Serialize(obj);
    }

    /// <summary>Empty when cluster-scoped.</summary>
    public string Namespace { get; }

    /// <summary>Object name.</summary>
    public string Name { get; }

    /// <summary>Identity across re-creation under the same name.</summary>
    public string Uid { get; }

    /// <summary>Store revision of the write that made this version.</summary>
    public long ResourceVersion { get; }

    /// <summary>UTF-8 JSON, resourceVersion included.</summary>
    public byte[] Json { get; }

    /// <summary>Labels, for selectors.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Labels { get; }

    /// <summary>Uids in ownerReferences, for the garbage collector.</summary>
    public IReadOnlyList<string> OwnerUids { get; }

    /// <summary>Makes a version; sets the object's <c>metadata.resourceVersion</c>.</summary>
    public static StoredObject Create(JsonObject obj, long resourceVersion) => new(obj, resourceVersion);

    /// <summary>What a dry run would store: keeps the resourceVersion the object has, if any.</summary>
    public static StoredObject Preview(JsonObject obj) => new(obj, 0);

    /// <summary>A key to search ordered sets with.</summary>
    public static StoredObject Key(string @namespace, string name) => new(@namespace, name);

    /// <summary>A private copy as a tree.</summary>
    public JsonObject Read() => ObjectJson.ParseObject(Json);

    private static KeyValuePair<string, string>[] ReadLabels(JsonObject? labels)
    {
        if (labels is not { Count: > 0 })
        {
            return NoLabels;
        }

        var result = new KeyValuePair<string, string>[labels.Count];
        var i = 0;
        foreach (var (key, _) in labels)
        {
            result[i++] = new(key, labels.Text(key));
        }

        return result;
    }

    /// <summary>Orders by namespace, then name, bytewise: the order of lists.</summary>
    internal sealed class KeyOrder : IComparer<StoredObject>
    {
        /// <summary>The only instance.</summary>
        public static readonly KeyOrder Instance = new();

        public int Compare(StoredObject? x, StoredObject? y)
        {
            var byNamespace = string.CompareOrdinal(x!.Namespace, y!.Namespace);
            return byNamespace != 0 ? byNamespace : string.CompareOrdinal(x.Name, y.Name);
        }
    }
}
