using Spectre.Console;
using TKA.Cli.Terminal;

namespace TKA.Cli.Doctor;

/// <summary>The lines that <c>tka doctor</c> prints.</summary>
internal static class FindingOutput
{
    /// <summary>Prints a finding and, under one that is not in order, what to do.</summary>
    /// <param name="console">Where to.</param>
    /// <param name="finding">The finding.</param>
    /// <param name="width">Characters of the longest name, so that messages stand in one column.</param>
    public static void Write(CliConsole console, Finding finding, int width) => CliConsole.Guard(StandardStreams.Out, () =>
    {
        var theme = console.Theme;
        var rich = console.Environment.RichOut && !theme.Plain;
        var (sign, style) = finding.Verdict switch
        {
            Verdict.Ok => (theme.Ascii ? "ok" : "✓", theme.Success),
            Verdict.Warning => (theme.Ascii ? "!!" : "⚠", theme.Warning),
            Verdict.Failed => (theme.Ascii ? "XX" : "✗", theme.Error),
            _ => (theme.Ascii ? "--" : "•", theme.Muted),
        };
        if (rich)
        {
            console.Out.Write(new Text(sign, style));
        }

        var head = rich ? "" : finding.Verdict.ToString().ToLowerInvariant().PadRight(8);
        var line = $"{head} {finding.Name.PadRight(width)}  ";
        var columns = rich ? console.Out.Profile.Width : int.MaxValue;
        WriteWrapped(line, finding.Message, columns, line.Length + sign.Length);
        if (finding is { Verdict: Verdict.Failed or Verdict.Warning, Advice: { } advice })
        {
            var arrow = theme.Ascii || !rich ? "-> " : "→ ";
            var indent = line.Length + (rich ? sign.Length : 0);
            WriteWrapped(new string(' ', indent) + arrow, advice, columns, indent + arrow.Length);
        }
    });

    private static void WriteWrapped(string start, string text, int columns, int indent) =>
        StandardStreams.Out.Write($"{start}{TextWrap.Wrap(SafeText.Clean(text), columns, indent, indent)}\n");
}
