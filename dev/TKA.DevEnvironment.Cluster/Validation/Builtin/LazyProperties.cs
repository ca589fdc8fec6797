using System.Collections;
using System.Diagnostics.CodeAnalysis;

namespace TKA.DevEnvironment.Cluster.Validation.Builtin;

/// <summary>Members whose schemas are made when first asked for: types refer to themselves, and most are never used.</summary>
internal sealed class LazyProperties(Dictionary<string, Lazy<Schema>> members) : IReadOnlyDictionary<string, Schema>
{
    /// <inheritdoc/>
    public IEnumerable<string> Keys => members.Keys;

    /// <inheritdoc/>
    public IEnumerable<Schema> Values => members.Values.Select(v => v.Value);

    /// <inheritdoc/>
    public int Count => members.Count;

    /// <inheritdoc/>
    public Schema this[string key] => members[key].Value;

    /// <inheritdoc/>
    public bool ContainsKey(string key) => members.ContainsKey(key);

    /// <inheritdoc/>
    public bool TryGetValue(string key, [MaybeNullWhen(false)] out Schema value)
    {
        if (members.TryGetValue(key, out var lazy))
        {
            value = lazy.Value;
            return true;
        }

        value = null;
        return false;
    }

    /// <inheritdoc/>
    public IEnumerator<KeyValuePair<string, Schema>> GetEnumerator() =>
        members.Select(m => KeyValuePair.Create(m.Key, m.Value.Value)).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
