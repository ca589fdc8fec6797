using System.Text.RegularExpressions;

namespace TKA.DevEnvironment.Cluster.Validation;

/// <summary>Type of a value.</summary>
internal enum SchemaType
{
    /// <summary>Anything.</summary>
    Any,
    Object,
    Array,
    String,
    Integer,
    Number,
    Boolean,

    /// <summary>A number or a string (<c>x-kubernetes-int-or-string</c>).</summary>
    IntOrString,
}

/// <summary>How a list or map is merged and owned in server-side apply.</summary>
internal enum ListKind
{
    /// <summary>As a whole.</summary>
    Atomic,

    /// <summary>A list of unique scalars.</summary>
    Set,

    /// <summary>A list of objects with keys.</summary>
    Map,
}

/// <summary>
/// A structural schema: what a value may be, for pruning, defaulting, validation, merging and ownership. Made from a
/// CustomResourceDefinition or from the table of built-in types.
/// </summary>
internal sealed record Schema
{
    private static readonly Dictionary<string, Schema> EmptyProperties = [];

    /// <summary>Accepts and keeps anything.</summary>
    public static readonly Schema Anything = new() { PreserveUnknown = true };

    public SchemaType Type { get; init; }

    /// <summary>Known members of an object.</summary>
    public IReadOnlyDictionary<string, Schema> Properties { get; init; } = EmptyProperties;

    /// <summary>Schema of members of any other name; null when there are none.</summary>
    public Schema? AdditionalProperties { get; init; }

    /// <summary>Schema of list items.</summary>
    public Schema? Items { get; init; }

    /// <summary>Whether members of unknown name are kept.</summary>
    public bool PreserveUnknown { get; init; }

    /// <summary>Whether the object is a whole resource with apiVersion, kind and metadata.</summary>
    public bool IsResource { get; init; }

    public bool Nullable { get; init; }

    public JsonNode? Default { get; init; }

    public IReadOnlyList<string> Required { get; init; } = [];

    public ListKind ListKind { get; init; }

    public IReadOnlyList<string> ListKeys { get; init; } = [];

    /// <summary>
    /// Whether the member exists in Go even when nothing was said about it (a struct by value, or a list that is written when empty).
    /// A manager that writes a field of such an object does not own the object.
    /// </summary>
    public bool AlwaysThere { get; init; }

    /// <summary>Whether an object is owned as a whole (<c>x-kubernetes-map-type: atomic</c>).</summary>
    public bool AtomicMap { get; init; }

    /// <summary>Limits of values; null when there are none.</summary>
    public SchemaLimits? Limits { get; init; }

    /// <summary>Schema of a member, or null when it is unknown.</summary>
    public Schema? Member(string name) =>
        Properties.TryGetValue(name, out var schema) ? schema : AdditionalProperties ?? (PreserveUnknown ? Anything : null);
}

/// <summary>Limits of a value beside its type.</summary>
internal sealed record SchemaLimits
{
    public JsonArray? Enum { get; init; }

    public Regex? Pattern { get; init; }

    public string Format { get; init; } = "";

    public long? MinLength { get; init; }

    public long? MaxLength { get; init; }

    public double? Minimum { get; init; }

    public double? Maximum { get; init; }

    public long? MinItems { get; init; }

    public long? MaxItems { get; init; }

    public long? MinProperties { get; init; }

    public long? MaxProperties { get; init; }
}
