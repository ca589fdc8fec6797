namespace TKA.Cli.Terminal;

/// <summary>What the process runs in, decided once: terminals, colour, CI, width.</summary>
/// <remarks>
/// Conventions: https://no-color.org (set and not empty), https://bixense.com/clicolors (CLICOLOR_FORCE not 0),
/// <c>TERM=dumb</c>. NO_COLOR wins over CLICOLOR_FORCE.
/// </remarks>
internal sealed record TerminalEnvironment
{
    /// <summary>Narrowest width that tables and panels are laid out for.</summary>
    public const int MinimumWidth = 20;

    private const int DefaultWidth = 80;
    private static readonly string[] LocaleVariables = ["LC_ALL", "LC_CTYPE", "LANG"];

    /// <summary>Standard output is a terminal.</summary>
    public bool OutIsTerminal { get; init; }

    /// <summary>Standard error is a terminal.</summary>
    public bool ErrorIsTerminal { get; init; }

    /// <summary>Standard input is a terminal.</summary>
    public bool InIsTerminal { get; init; }

    /// <summary>Runs in a CI system: no spinner, whatever the terminal says.</summary>
    public bool IsCi { get; init; }

    /// <summary>NO_COLOR is set.</summary>
    public bool NoColor { get; init; }

    /// <summary>CLICOLOR_FORCE is set.</summary>
    public bool ForceColor { get; init; }

    /// <summary>The terminal understands no escape sequences.</summary>
    public bool Dumb { get; init; }

    /// <summary>24-bit colour is announced.</summary>
    public bool TrueColor { get; init; }

    /// <summary>256 colours are announced.</summary>
    public bool EightBit { get; init; }

    /// <summary>The locale has more characters than ASCII.</summary>
    public bool Unicode { get; init; } = true;

    /// <summary>The terminal says that its background is light.</summary>
    public bool LightBackground { get; init; }

    /// <summary>Human output with colour and boxes goes to standard output.</summary>
    public bool RichOut => Rich(OutIsTerminal);

    /// <summary>Human output with colour goes to standard error.</summary>
    public bool RichError => Rich(ErrorIsTerminal);

    /// <summary>A spinner may turn on standard error.</summary>
    public bool Spinner => ErrorIsTerminal && !IsCi && !Dumb && !NoColor;

    /// <summary>Looks at the process.</summary>
    public static TerminalEnvironment Detect()
    {
        var term = Environment.GetEnvironmentVariable("TERM") ?? "";
        var colorTerm = Environment.GetEnvironmentVariable("COLORTERM") ?? "";
        var outIsTerminal = !Console.IsOutputRedirected;
        var errorIsTerminal = !Console.IsErrorRedirected;
        return new()
        {
            OutIsTerminal = outIsTerminal,
            ErrorIsTerminal = errorIsTerminal,
            InIsTerminal = !Console.IsInputRedirected,
            IsCi = IsSet("CI") || IsSet("TF_BUILD"),
            NoColor = IsSet("NO_COLOR"),
            ForceColor = IsSet("CLICOLOR_FORCE"),
            Dumb = term is "dumb",
            TrueColor = colorTerm is "truecolor" or "24bit",
            EightBit = term.Contains("256color", StringComparison.Ordinal),
            Unicode = HasUnicode(),
            LightBackground = HasLightBackground(),
        };
    }

    /// <summary>Columns to lay out for. Only asked for rich output: finding out makes .NET set up the terminal, escape sequences included.</summary>
    public static int MeasureWidth(bool terminal)
    {
        if (!terminal)
        {
            return DefaultWidth;
        }

        try
        {
            // The width is only known once Console has looked at the terminal.
            _ = Console.Out;
            return Math.Max(Console.WindowWidth is > 0 and var width ? width : DefaultWidth, MinimumWidth);
        }
        catch (IOException)
        {
            return DefaultWidth;
        }
    }

    // The first that is set decides, as in setlocale(3). Without any, the terminal of today is assumed.
    private static bool HasUnicode()
    {
        var locale = LocaleVariables.Select(Environment.GetEnvironmentVariable).FirstOrDefault(value => value is { Length: > 0 });
        return OperatingSystem.IsWindows() || locale is null || locale.Replace("-", "", StringComparison.Ordinal).Contains("utf8", StringComparison.OrdinalIgnoreCase);
    }

    // rxvt, Konsole, iTerm2 and others set "foreground;background" as ANSI colours; 7 and 15 are white.
    private static bool HasLightBackground() =>
        Environment.GetEnvironmentVariable("COLORFGBG") is { } colours && colours[(colours.LastIndexOf(';') + 1)..] is "7" or "15";

    private static bool IsSet(string variable) => Environment.GetEnvironmentVariable(variable) is { Length: > 0 } value && value is not "0";

    private bool Rich(bool terminal) => !NoColor && (ForceColor || (terminal && !Dumb));
}
