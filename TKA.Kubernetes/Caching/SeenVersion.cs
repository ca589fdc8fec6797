using System.Globalization;

namespace TKA.Kubernetes.Caching;

/// <summary>
/// The resource version that lists and watch have reported up to. Versions are comparable numbers since KEP-5504; anything else compares
/// as oldest, which only costs the shortcut of <see cref="IResourceCache{T}.Observe"/>. Not thread-safe; the store's lock guards it.
/// </summary>
internal sealed class SeenVersion
{
    private ulong _version;

    public static ulong Parse(string? resourceVersion) =>
        ulong.TryParse(resourceVersion, NumberStyles.None, CultureInfo.InvariantCulture, out var version) ? version : 0;

    /// <summary>Whether the watch has already reported this version.</summary>
    public bool Covers(ulong version) => version <= _version;

    /// <summary>Whether later versions than this were reported: a list or event of it tells that the cluster's state was restored.</summary>
    public bool IsAfter(ulong version) => version > 0 && version < _version;

    /// <summary>Takes in a version from the watch, whose events come in order; a bookmark is never older than what came before it.</summary>
    /// <returns>Whether it came in order.</returns>
    public bool TryAdvance(ulong version)
    {
        if (IsAfter(version))
        {
            return false;
        }

        _version = Math.Max(_version, version);
        return true;
    }

    /// <summary>Takes in the version of a full list, whatever was seen before.</summary>
    public void Set(ulong version) => _version = version;
}
