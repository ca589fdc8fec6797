namespace TKA.Api.Configuration;

/// <summary>
/// Finds keys that nothing reads, most often misspelled ones. They are a hint and no error: one file may serve several
/// programs, the Go TKA among them.
/// </summary>
internal static class UnknownKeys
{
    // operator and orchestrator have keys of the other services.
    private static readonly string[] Sections = ["server", "api", "clusterInfo", "tailscale", "management", "health"];

    /// <summary>A line for each unknown key, with the one that was probably meant.</summary>
    public static IEnumerable<string> Hints(IConfiguration configuration)
    {
        foreach (var section in Sections)
        {
            foreach (var (key, value) in configuration.GetSection(section).AsEnumerable())
            {
                if (value is null || IsKnown(key))
                {
                    continue;
                }

                var name = key.Replace(':', '.');
                var nearest = Settings.All.MinBy(setting => Distance(setting.Name, name))!;
                yield return Distance(nearest.Name, name) <= 3
                    ? $"{name} is not a setting. Did you mean {nearest.Name}?"
                    : $"{name} is not a setting. See --help.";
            }
        }
    }

    private static bool IsKnown(string key) =>
        Settings.Find(key) is not null
        || (key.LastIndexOf(':') is var end and > 0 && Settings.Find(key[..end]) is { Kind: SettingKind.List or SettingKind.Map });

    /// <summary>Levenshtein distance, case aside.</summary>
    private static int Distance(string left, string right)
    {
        var row = Enumerable.Range(0, right.Length + 1).ToArray();
        for (var i = 1; i <= left.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= right.Length; j++)
            {
                var cost = char.ToLowerInvariant(left[i - 1]) == char.ToLowerInvariant(right[j - 1]) ? 0 : 1;
                var best = Math.Min(Math.Min(row[j], row[j - 1]) + 1, diagonal + cost);
                diagonal = row[j];
                row[j] = best;
            }
        }

        return row[^1];
    }
}
