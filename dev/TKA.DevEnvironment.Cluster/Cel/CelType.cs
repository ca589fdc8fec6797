namespace TKA.DevEnvironment.Cluster.Cel;

/// <summary>Kinds of CEL types.</summary>
internal enum CelKind
{
    Dyn,
    Null,
    Bool,
    Int,
    String,
    List,
    Map,
    Object,
    Duration,
    Timestamp,
}

/// <summary>A CEL type, as far as it is known at compile time. Keys of maps are strings, as in JSON.</summary>
internal sealed class CelType
{
    public static readonly CelType Dyn = new(CelKind.Dyn);
    public static readonly CelType Null = new(CelKind.Null);
    public static readonly CelType Bool = new(CelKind.Bool);
    public static readonly CelType Int = new(CelKind.Int);
    public static readonly CelType String = new(CelKind.String);
    public static readonly CelType Duration = new(CelKind.Duration);
    public static readonly CelType Timestamp = new(CelKind.Timestamp);

    private CelType(CelKind kind, CelType? element = null, IReadOnlyDictionary<string, CelType>? fields = null)
    {
        Kind = kind;
        Element = element ?? this;
        Fields = fields;
    }

    /// <summary>Kind.</summary>
    public CelKind Kind { get; }

    /// <summary>Type of list items or map values; of no meaning for other kinds.</summary>
    public CelType Element { get; }

    /// <summary>Fields of an object by name.</summary>
    public IReadOnlyDictionary<string, CelType>? Fields { get; }

    public static CelType List(CelType element) => new(CelKind.List, element);

    public static CelType Map(CelType value) => new(CelKind.Map, value);

    public static CelType Object(IReadOnlyDictionary<string, CelType> fields) => new(CelKind.Object, fields: fields);

    /// <summary>Whether a value of this type can be passed where <paramref name="target"/> is expected, as far as is known.</summary>
    public bool FitsInto(CelType target) => (Kind, target.Kind) switch
    {
        (CelKind.Dyn, _) or (_, CelKind.Dyn) => true,
        (CelKind.Null, var other) => other is CelKind.Null or CelKind.Object or CelKind.Duration or CelKind.Timestamp,
        (CelKind.List, CelKind.List) or (CelKind.Map, CelKind.Map) => Element.FitsInto(target.Element),
        var (own, other) => own == other,
    };

    /// <summary>The common type of two values that may stand for each other, or null when there is none.</summary>
    public static CelType? Join(CelType left, CelType right)
    {
        if (left.Kind == CelKind.Dyn || right.Kind == CelKind.Dyn)
        {
            return Dyn;
        }

        return left.FitsInto(right) ? right : right.FitsInto(left) ? left : null;
    }

    public override string ToString() => Kind switch
    {
        CelKind.Null => "null_type",
        CelKind.List => $"list({Element})",
        CelKind.Map => $"map(string, {Element})",
        CelKind.Duration => "google.protobuf.Duration",
        CelKind.Timestamp => "google.protobuf.Timestamp",
        _ => Kind.ToString().ToLowerInvariant(),
    };
}
