using System.Globalization;
using System.Text.RegularExpressions;

namespace TKA.DevEnvironment.Cluster.Discovery;

/// <summary>Kubernetes' version priority: GA before beta before alpha, then by number; names of another form last.</summary>
internal sealed partial class ApiVersionOrder : IComparer<string>
{
    /// <summary>The only instance.</summary>
    public static readonly ApiVersionOrder Instance = new();

    public int Compare(string? x, string? y)
    {
        var (a, b) = (Rank(x!), Rank(y!));
        return a == b ? string.CompareOrdinal(y, x) : a.CompareTo(b);
    }

    private static (int Stability, int Major, int Minor) Rank(string version)
    {
        var match = Form().Match(version);
        if (!match.Success)
        {
            return (0, 0, 0);
        }

        var stability = match.Groups[2].Value switch { "alpha" => 1, "beta" => 2, _ => 3 };
        return (stability, Number(match.Groups[1]), Number(match.Groups[3]));
    }

    private static int Number(Group group) =>
        int.TryParse(group.ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0;

    [GeneratedRegex("^v([1-9][0-9]*)(?:(alpha|beta)([1-9][0-9]*))?$")]
    private static partial Regex Form();
}
