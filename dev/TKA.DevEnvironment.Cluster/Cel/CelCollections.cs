namespace TKA.DevEnvironment.Cluster.Cel;

/// <summary>A map as expressions see it.</summary>
internal interface ICelMap
{
    /// <summary>Keys, in no particular order.</summary>
    IReadOnlyCollection<string> Keys { get; }

    /// <summary>Looks a key up.</summary>
    bool TryGet(string key, out object? value);
}

/// <summary>A map of values that are computed when first asked for.</summary>
internal sealed class CelLazyMap(IReadOnlyDictionary<string, Lazy<object?>> entries) : ICelMap
{
    public IReadOnlyCollection<string> Keys => [.. entries.Keys];

    public bool TryGet(string key, out object? value)
    {
        var found = entries.TryGetValue(key, out var entry);
        value = entry?.Value;
        return found;
    }
}

/// <summary>A JSON object seen as a map, or through the schema of its fields.</summary>
internal sealed class CelJsonMap(JsonObject json, CelType type) : ICelMap
{
    public IReadOnlyCollection<string> Keys => [.. json.Select(member => member.Key)];

    public bool TryGet(string key, out object? value)
    {
        value = null;
        var element = type.Kind == CelKind.Map ? type.Element : CelType.Dyn;
        if ((type.Fields is not null && !type.Fields.TryGetValue(key, out element)) || !json.TryGetPropertyValue(key, out var node))
        {
            return false;
        }

        value = CelValues.FromJson(node, element!);
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
