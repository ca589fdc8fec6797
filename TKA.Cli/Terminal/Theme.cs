using Spectre.Console;

namespace TKA.Cli.Terminal;

/// <summary>Colours and signs of human output.</summary>
internal sealed record Theme
{
    /// <summary>Theme used when none is named, that of the Go TKA.</summary>
    public const string Default = "tokyo-night";

    /// <summary>Theme used on a light background when none is named.</summary>
    public const string Light = "light";

    private static readonly Theme[] All =
    [
        new() { Name = "ascii", Accent = Style.Plain, Success = Style.Plain, Warning = Style.Plain, Error = Style.Plain, Muted = Style.Plain, Ascii = true },
        new() { Name = "dark", Accent = Of(0x7DAEFF), Success = Of(0x6CCB7B), Warning = Of(0xE5C07B), Error = Of(0xFF6B6B), Muted = Of(0x8A8F98) },
        new() { Name = "dracula", Accent = Of(0xBD93F9), Success = Of(0x50FA7B), Warning = Of(0xF1FA8C), Error = Of(0xFF5555), Muted = Of(0x6272A4) },
        new() { Name = Light, Accent = Of(0x0550AE), Success = Of(0x116329), Warning = Of(0x8A4600), Error = Of(0xB3202B), Muted = Of(0x57606A) },
        new() { Name = "markdown", Accent = Style.Plain, Success = Style.Plain, Warning = Style.Plain, Error = Style.Plain, Muted = Style.Plain, Ascii = true, Markdown = true },
        new() { Name = "notty", Accent = Style.Plain, Success = Style.Plain, Warning = Style.Plain, Error = Style.Plain, Muted = Style.Plain, Ascii = true, Plain = true },
        new() { Name = Default, Accent = Of(0x7AA2F7), Success = Of(0x9ECE6A), Warning = Of(0xE0AF68), Error = Of(0xF7768E), Muted = Of(0x737AA2) },
    ];

    /// <summary>Names of all themes, sorted.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. All.Select(theme => theme.Name)];

    /// <summary>Value of <c>--theme</c>.</summary>
    public required string Name { get; init; }

    /// <summary>Headings, names.</summary>
    public required Style Accent { get; init; }

    /// <summary>What went well.</summary>
    public required Style Success { get; init; }

    /// <summary>What needs attention.</summary>
    public required Style Warning { get; init; }

    /// <summary>What went wrong.</summary>
    public required Style Error { get; init; }

    /// <summary>Labels and hints.</summary>
    public required Style Muted { get; init; }

    /// <summary>Only ASCII signs and lines.</summary>
    public bool Ascii { get; init; }

    /// <summary>Tables and summaries are Markdown.</summary>
    public bool Markdown { get; init; }

    /// <summary>As if there were no terminal.</summary>
    public bool Plain { get; init; }

    /// <summary>The theme of that name.</summary>
    public static bool TryFind(string name, out Theme theme)
    {
        theme = Array.Find(All, candidate => candidate.Name == name) ?? All[^1];
        return theme.Name == name;
    }

    private static Style Of(int rgb) => new(new Color((byte)(rgb >> 16), (byte)(rgb >> 8), (byte)rgb));
}
