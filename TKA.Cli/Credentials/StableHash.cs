namespace TKA.Cli.Credentials;

/// <summary>
/// FNV-1a, 64 bits, as hexadecimal digits: the same in every run, and without the start-up cost of a cryptography library. It tells
/// names apart but does not withstand somebody who looks for collisions, so what it stands for is compared as well.
/// </summary>
internal static class StableHash
{
    private const ulong Offset = 14695981039346656037;
    private const ulong Prime = 1099511628211;

    /// <summary>The hash of a text.</summary>
    public static string Of(string text)
    {
        var hash = Offset;
        foreach (var c in text)
        {
            hash = (hash ^ (byte)c) * Prime;
            hash = (hash ^ (byte)(c >> 8)) * Prime;
        }

        return hash.ToString("x16", System.Globalization.CultureInfo.InvariantCulture);
    }
}
