namespace TKA.DevEnvironment.Cluster.Patching;

/// <summary>
/// A set of fields of an object, as <c>managedFields[].fieldsV1</c> writes it: a tree whose edges are <c>f:name</c> (a member),
/// <c>k:{...}</c> (a list item by its keys) and <c>v:...</c> (an item of a set), with <c>.</c> for the node itself.
/// </summary>
internal sealed class FieldSet
{
    private const string SelfKey = ".";
    private readonly SortedDictionary<string, FieldSet> _children = new(StringComparer.Ordinal);

    /// <summary>Whether the node itself is in the set.</summary>
    public bool Self { get; set; }

    /// <summary>Edges to what is below.</summary>
    public IReadOnlyDictionary<string, FieldSet> Children => _children;

    /// <summary>Whether nothing is in the set.</summary>
    public bool IsEmpty => !Self && _children.Count == 0;

    /// <summary>The node below an edge, made when absent.</summary>
    public FieldSet Below(string edge)
    {
        if (!_children.TryGetValue(edge, out var child))
        {
            _children[edge] = child = new FieldSet();
        }

        return child;
    }

    /// <summary>Puts a (non-empty) set below an edge.</summary>
    public void Put(string edge, FieldSet child)
    {
        if (!child.IsEmpty)
        {
            _children[edge] = child;
        }
    }

    /// <summary>Removes a child.</summary>
    public void Remove(string edge) => _children.Remove(edge);

    /// <summary>Fields in either.</summary>
    public FieldSet Union(FieldSet other) => Combine(this, other, static (a, b) => a || b);

    /// <summary>Fields in both.</summary>
    public FieldSet Intersect(FieldSet other) => Combine(this, other, static (a, b) => a && b);

    /// <summary>Fields in this one only.</summary>
    public FieldSet Except(FieldSet other) => Combine(this, other, static (a, b) => a && !b);

    /// <summary>Whether both hold the same fields.</summary>
    public bool SameAs(FieldSet other) =>
        Self == other.Self
        && _children.Count == other._children.Count
        && _children.All(c => other._children.TryGetValue(c.Key, out var child) && c.Value.SameAs(child));

    /// <summary>Paths of the fields, as conflict messages write them: <c>.spec.containers[name="web"].image</c>.</summary>
    public IEnumerable<string> Paths(string prefix = "")
    {
        if (Self)
        {
            yield return prefix;
        }

        foreach (var (edge, child) in _children)
        {
            foreach (var path in child.Paths(prefix + Show(edge)))
            {
                yield return path;
            }
        }
    }

    /// <summary>Reads <c>fieldsV1</c>; what makes no sense is ignored.</summary>
    public static FieldSet Read(JsonObject? fields)
    {
        var set = new FieldSet();
        foreach (var (edge, value) in fields ?? [])
        {
            if (edge == SelfKey)
            {
                set.Self = true;
            }
            else if (value is JsonObject child)
            {
                var below = Read(child);
                below.Self |= child.Count == 0;
                set.Put(edge, below);
            }
        }

        return set;
    }

    /// <summary>Writes <c>fieldsV1</c>.</summary>
    public JsonObject Write()
    {
        var result = new JsonObject();
        if (Self && _children.Count > 0)
        {
            result[SelfKey] = new JsonObject();
        }

        foreach (var (edge, child) in _children)
        {
            result[edge] = child.Write();
        }

        return result;
    }

    private static FieldSet Combine(FieldSet? a, FieldSet? b, Func<bool, bool, bool> keep)
    {
        var result = new FieldSet { Self = keep(a?.Self ?? false, b?.Self ?? false) };
        foreach (var edge in (a?._children.Keys ?? Enumerable.Empty<string>()).Union(b?._children.Keys ?? Enumerable.Empty<string>()))
        {
            result.Put(edge, Combine(a?._children.GetValueOrDefault(edge), b?._children.GetValueOrDefault(edge), keep));
        }

        return result;
    }

    private static string Show(string edge)
    {
        if (edge.StartsWith("f:", StringComparison.Ordinal))
        {
            return "." + edge[2..];
        }

        if (!edge.StartsWith("k:", StringComparison.Ordinal))
        {
            return $"[={edge[2..]}]";
        }

        var keys = JsonNode.Parse(edge[2..]) as JsonObject ?? [];
        return $"[{string.Join(',', keys.Select(k => $"{k.Key}={k.Value?.ToJsonString()}"))}]";
    }
}
