using System.Collections;

namespace TKA.DevEnvironment.Cluster.Http;

/// <summary>Warnings that become headers of the answer as they are added; the same one only once, however often a write is tried.</summary>
internal sealed class ResponseWarnings(HttpContext context) : ICollection<string>
{
    private readonly List<string> _added = [];

    /// <inheritdoc/>
    public int Count => _added.Count;

    /// <inheritdoc/>
    public bool IsReadOnly => false;

    /// <inheritdoc/>
    public void Add(string item)
    {
        if (_added.Contains(item))
        {
            return;
        }

        _added.Add(item);
        ResponseWriter.Warn(context, item);
    }

    /// <inheritdoc/>
    public void Clear() => throw new NotSupportedException("a warning is not taken back");

    /// <inheritdoc/>
    public bool Contains(string item) => _added.Contains(item);

    /// <inheritdoc/>
    public void CopyTo(string[] array, int arrayIndex) => _added.CopyTo(array, arrayIndex);

    /// <inheritdoc/>
    public bool Remove(string item) => throw new NotSupportedException("a warning is not taken back");

    /// <inheritdoc/>
    public IEnumerator<string> GetEnumerator() => _added.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
