namespace TKA.DevEnvironment.Cluster.Cel;

/// <summary>Kinds of CEL types.</summary>
internal enum CelKind
{
    Dyn,
    Null,
    Bool,
    Int,
    Double,
    String,
    List,
    Map,
    Object,
    Duration,
    Timestamp,
}

/// <summary>A CEL type, as far as it is known at compile time.</summary>
internal sealed class CelType
{
    public static readonly CelType Dyn = new(CelKind.Dyn);
    public static readonly CelType Null = new(CelKind.Null);
    public static readonly CelType Bool = new(CelKind.Bool);
    public static readonly CelType Int = new(CelKind.Int);
    public static readonly CelType Double = new(CelKind.Double);
    public static readonly CelType String = new(CelKind.String);
    public static readonly CelType Duration = new(CelKind.Duration);
    public static readonly CelType Timestamp = new(CelKind.Timestamp);
    public static readonly CelType AnyList = List(Dyn);
    public static readonly CelType AnyMap = Map(Dyn, Dyn);

    private CelType(CelKind kind, CelType? element = null, CelType? key = null, IReadOnlyDictionary<string, CelType>? fields = null)
    {
        Kind = kind;
        Element = element ?? this;
        Key = key ?? this;
        Fields = fields;
    }

    /// <summary>Kind.</summary>
    public CelKind Kind { get; }

    /// <summary>Type of list items or map values; of no meaning for other kinds.</summary>
    public CelType Element { get; }

    /// <summary>Type of map keys.</summary>
    public CelType Key { get; }

    /// <summary>Fields of an object by name.</summary>
    public IReadOnlyDictionary<string, CelType>? Fields { get; }

    public static CelType List(CelType element) => new(CelKind.List, element);

    public static CelType Map(CelType key, CelType value) => new(CelKind.Map, value, key);

    public static CelType Object(IReadOnlyDictionary<string, CelType> fields) => new(CelKind.Object, fields: fields);

    /// <summary>Whether a value of this type can be passed where <paramref name="target"/> is expected, as far as is known.</summary>
    public bool FitsInto(CelType target)
    {
        if (Kind == CelKind.Dyn || target.Kind == CelKind.Dyn)
        {
            return true;
        }

        if (Kind == CelKind.Null)
        {
            return target.Kind is CelKind.Null or CelKind.Object or CelKind.Duration or CelKind.Timestamp;
        }

        if (Kind != target.Kind)
        {
            return false;
        }

        return Kind switch
        {
            CelKind.List => Element.FitsInto(target.Element),
            CelKind.Map => Key.FitsInto(target.Key) && Element.FitsInto(target.Element),
            _ => true,
        };
    }

    /// <summary>The common type of two values that may stand for each other, or null when there is none.</summary>
    public static CelType? Join(CelType left, CelType right)
    {
        if (left.Kind == CelKind.Dyn || right.Kind == CelKind.Dyn)
        {
            return Dyn;
        }

        if (left.FitsInto(right))
        {
            return right;
        }

        return right.FitsInto(left) ? left : null;
    }

    public override string ToString() => Kind switch
    {
        CelKind.Null => "null_type",
        CelKind.List => $"list({Element})",
        CelKind.Map => $"map({Key}, {Element})",
        CelKind.Duration => "google.protobuf.Duration",
        CelKind.Timestamp => "google.protobuf.Timestamp",
        _ => Kind.ToString().ToLowerInvariant(),
    };
}
