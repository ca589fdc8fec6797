namespace TKA.Kubernetes.Caching;

/// <summary>Finds cached objects by a computed value. Not thread-safe; the store's lock guards it.</summary>
internal sealed class ResourceIndex<T>(Func<T, IEnumerable<string>> valuesOf)
    where T : class
{
    // Nearly every value has one or two objects: a small array costs a fraction of a set.
    private readonly Dictionary<string, ObjectKey[]> _keys = new(StringComparer.Ordinal);

    public void Update(ObjectKey key, T? previous, T? current)
    {
        if (previous is not null)
        {
            foreach (var value in valuesOf(previous))
            {
                Remove(value, key);
            }
        }

        if (current is not null)
        {
            foreach (var value in valuesOf(current))
            {
                _keys[value] = _keys.TryGetValue(value, out var keys) ? [.. keys, key] : [key];
            }
        }
    }

    public IReadOnlyList<T> Find(string value, Dictionary<ObjectKey, T> objects) =>
        _keys.TryGetValue(value, out var keys) ? Array.ConvertAll(keys, key => objects[key]) : [];

    private void Remove(string value, ObjectKey key)
    {
        if (!_keys.TryGetValue(value, out var keys))
        {
            return;
        }

        var rest = Array.FindAll(keys, other => other != key);
        if (rest.Length == 0)
        {
            _keys.Remove(value);
        }
        else
        {
            _keys[value] = rest;
        }
    }
}
