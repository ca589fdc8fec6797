namespace TKA.DevEnvironment.Cluster.Cel;

/// <summary>A map as expressions see it.</summary>
internal interface ICelMap
{
    /// <summary>Number of keys.</summary>
    int Count { get; }

    /// <summary>Keys, in no particular order.</summary>
    IEnumerable<object> Keys { get; }

    /// <summary>Looks a key up.</summary>
    bool TryGet(object key, out object? value);
}

/// <summary>A map of values, some of them computed when asked for.</summary>
internal sealed class CelMap(IReadOnlyDictionary<object, object?> entries) : ICelMap
{
    public int Count => entries.Count;

    public IEnumerable<object> Keys => entries.Keys;

    public bool TryGet(object key, out object? value)
    {
        if (!entries.TryGetValue(key, out value))
        {
            return false;
        }

        if (value is Lazy<object?> lazy)
        {
            value = lazy.Value;
        }

        return true;
    }
}

/// <summary>A JSON object seen as a map, or through the schema of its fields.</summary>
internal sealed class CelJsonMap(JsonObject json, CelType type) : ICelMap
{
    public int Count => json.Count;

    public IEnumerable<object> Keys => json.Select(member => (object)member.Key);

    public bool TryGet(object key, out object? value)
    {
        value = null;
        if (key is not string name)
        {
            return false;
        }

        var element = type.Kind == CelKind.Map ? type.Element : CelType.Dyn;
        if (type.Fields is not null)
        {
            if (!type.Fields.TryGetValue(name, out var field))
            {
                return false;
            }

            element = field;
        }

        if (!json.TryGetPropertyValue(name, out var node))
        {
            return false;
        }

        value = CelValues.FromJson(node, element);
        return true;
    }
}

/// <summary>A JSON array seen as a list; items are converted when read.</summary>
internal sealed class CelJsonList(JsonArray json, CelType element) : IReadOnlyList<object?>
{
    public int Count => json.Count;

    public object? this[int index] => CelValues.FromJson(json[index], element);

    public IEnumerator<object?> GetEnumerator() => json.Select(node => CelValues.FromJson(node, element)).GetEnumerator();

    System.Collections.IEnumerator System.Collections.IEnumerable.GetEnumerator() => GetEnumerator();
}
