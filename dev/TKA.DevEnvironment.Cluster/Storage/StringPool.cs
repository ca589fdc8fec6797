using System.Collections.Concurrent;

namespace TKA.DevEnvironment.Cluster.Storage;

/// <summary>Keeps one copy of strings that repeat over thousands of objects. Bounded, since clients choose them.</summary>
internal static class StringPool
{
    private const int Capacity = 4096;
    private static readonly ConcurrentDictionary<string, string> Pool = new(StringComparer.Ordinal);

    /// <summary>The pooled copy; the string itself once the pool is full.</summary>
    public static string Share(string text)
    {
        if (Pool.TryGetValue(text, out var pooled))
        {
            return pooled;
        }

        return Pool.Count < Capacity ? Pool.GetOrAdd(text, text) : text;
    }
}
