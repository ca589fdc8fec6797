using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Spectre.Console;
using TKA.Cli.Errors;
using TKA.Cli.Output;
using TKA.Cli.Storage;
using TKA.Contracts.Rest;

namespace TKA.Cli.Terminal;

/// <summary>
/// The only door to the terminal. Data goes to standard output, everything said to a person to standard error;
/// human summaries are data too, unless a shell is going to evaluate standard output.
/// </summary>
/// <param name="environment">What the process runs in.</param>
/// <param name="theme">Colours and signs.</param>
/// <param name="format">What <c>--output</c> asked for.</param>
/// <param name="quiet">Say nothing but data, warnings and errors.</param>
internal sealed class CliConsole(TerminalEnvironment environment, Theme theme, OutputFormat format, bool quiet)
{
    // Borders and blanks of a panel, and the gap after its labels.
    private const int PanelFrame = 6;

    private IAnsiConsole? _out;
    private IAnsiConsole? _error;

    /// <summary>What <c>--output</c> asked for.</summary>
    public OutputFormat Format { get; } = format;

    /// <summary>Only data, warnings and errors.</summary>
    public bool Quiet { get; } = quiet;

    /// <summary>What the process runs in.</summary>
    public TerminalEnvironment Environment { get; } = environment;

    /// <summary>Colours and signs; only ASCII where the locale has nothing else.</summary>
    public Theme Theme { get; } = environment.Unicode ? theme : theme with { Ascii = true };

    /// <summary>Standard output is read by a shell: human summaries go to standard error.</summary>
    public bool SummariesToError { get; set; }

    internal IAnsiConsole Out => _out ??= Create(StandardStreams.Out, Environment.OutIsTerminal, Environment.RichOut);

    private IAnsiConsole Error => _error ??= Create(StandardStreams.Error, Environment.ErrorIsTerminal, Environment.RichError);

    /// <summary>A line of data.</summary>
    public static void WriteLine(string text) => Write(StandardStreams.Out, text + "\n");

    /// <summary>Data, exactly as given.</summary>
    public static void WriteRaw(string text) => Write(StandardStreams.Out, text);

    /// <summary>Data, exactly as given and in one piece.</summary>
    public static void WriteRaw(byte[] data) => Guard(StandardStreams.Out, () =>
    {
        using var output = StandardStreams.OpenOut();
        output.Write(data);
    });

    /// <summary>A line on standard error for a program that called us.</summary>
    public static void ErrorLine(string text) => Write(StandardStreams.Error, SafeText.Clean(text) + "\n");

    /// <summary>A value as JSON or YAML, as <see cref="Format"/> says.</summary>
    public void WriteValue<T>(T value, JsonTypeInfo<T> type) => WriteLine(
        Format == OutputFormat.Yaml
            ? YamlText.From(JsonSerializer.SerializeToElement(value, type)).TrimEnd('\n')
            : JsonSerializer.Serialize(value, type));

    /// <summary>Rows under headings. On a narrow terminal less important columns are left out; without a terminal all are there.</summary>
    public void Table(IReadOnlyList<Column> columns, IReadOnlyList<string[]> rows)
    {
        if (Theme.Markdown)
        {
            WriteRaw(PlainTable.Markdown([.. columns.Select(column => column.Name)], rows));
            return;
        }

        if (!Environment.RichOut || Theme.Plain)
        {
            WriteRaw(PlainTable.Columns([.. columns.Select(column => column.Name.ToUpperInvariant().Replace(' ', '-'))], rows));
            return;
        }

        if (TableLayout.Fit(columns, rows, Out.Profile.Width) is not { } shown)
        {
            WriteRaw(TableLayout.Stack(columns, rows));
            return;
        }

        var table = new Table { Border = Theme.Ascii ? TableBorder.Ascii : TableBorder.Rounded, BorderStyle = Theme.Muted };
        foreach (var i in shown)
        {
            table.AddColumn(new TableColumn(new Text(columns[i].Name, Theme.Accent)));
        }

        foreach (var row in rows)
        {
            table.AddRow(shown.Select(i => new Text(SafeText.Clean(row[i]))));
        }

        Guard(StandardStreams.Out, () => Out.Write(table));
    }

    /// <summary>A summary of one thing: a titled panel on a terminal, aligned lines elsewhere and where the panel would break words. Empty values are left out.</summary>
    public void Summary(string title, IEnumerable<(string Label, string? Value)> lines)
    {
        var shown = lines.Where(line => !string.IsNullOrEmpty(line.Value)).Select(line => (line.Label, Value: SafeText.Clean(line.Value!))).ToList();
        var rich = SummariesToError ? Environment.RichError : Environment.RichOut;
        var writer = SummariesToError ? StandardStreams.Error : StandardStreams.Out;
        if (Theme.Markdown)
        {
            Write(writer, $"## {title}\n\n" + string.Concat(shown.Select(line => $"- **{line.Label}:** {line.Value}\n")));
            return;
        }

        var width = shown.Select(line => line.Label.Length).DefaultIfEmpty(0).Max() + 1;
        var console = !rich || Theme.Plain ? null : SummariesToError ? Error : Out;
        if (console is null || shown.SelectMany(line => line.Value.Split(' ')).Any(word => word.Length + width + PanelFrame > console.Profile.Width))
        {
            Write(writer, (console is null ? "" : title + "\n") + string.Concat(shown.Select(line => $"{(line.Label + ":").PadRight(width)} {line.Value}\n")));
            return;
        }

        var grid = new Grid { Expand = false }.AddColumn(new GridColumn().NoWrap().Padding(0, 0, 2, 0)).AddColumn(new GridColumn().Padding(0, 0, 0, 0));
        foreach (var (label, value) in shown)
        {
            grid.AddRow(new Text(label, Theme.Muted), new Text(value));
        }

        var panel = new Panel(grid)
        {
            Header = new PanelHeader($" {Markup.Escape(title)} "),
            Border = Theme.Ascii ? BoxBorder.Ascii : BoxBorder.Rounded,
            BorderStyle = Theme.Success,
        };
        Guard(writer, () => console.Write(panel));
    }

    /// <summary>Something went well.</summary>
    public void Success(string text) => Say(Theme.Ascii ? "ok" : "✓", Theme.Success, text, always: false);

    /// <summary>Worth knowing.</summary>
    public void Info(string text) => Say(Theme.Ascii ? "-" : "•", Theme.Muted, text, always: false);

    /// <summary>Worth attention, even when quiet.</summary>
    public void Warning(string text) => Say(Theme.Ascii ? "!" : "⚠", Theme.Warning, $"Warning: {text}", always: true);

    /// <summary>A line in the middle of what a shell or a full-screen program shows.</summary>
    public void Interrupt(string text) => Guard(StandardStreams.Error, () => StandardStreams.Error.Write($"\r\n{(Theme.Ascii ? "!" : "⚠")} tka: {SafeText.Clean(text)}\r\n"));

    /// <summary>A command to type next.</summary>
    public void NextStep(string text)
    {
        // Never wrapped: the line is to be copied as it is.
        if (!Quiet)
        {
            Write(StandardStreams.Error, $"{(Environment.RichError && !Theme.Plain ? "  " : "")}{SafeText.Clean(text)}\n");
        }
    }

    /// <summary>Reports an error: text, or the problem document when JSON was asked for.</summary>
    public void Report(CliException error, bool debug)
    {
        if (Format is OutputFormat.Json or OutputFormat.Yaml)
        {
            var problem = error.ToOutput();
            Write(StandardStreams.Error, Format == OutputFormat.Json
                ? JsonSerializer.Serialize(problem, CliJsonContext.Indented.ErrorOutput) + "\n"
                : YamlText.From(JsonSerializer.SerializeToElement(problem, CliJsonContext.Indented.ErrorOutput)));
        }
        else
        {
            Say(Theme.Ascii ? "error:" : "✗", Theme.Error, error.Message, always: true);
            for (var cause = error.ServerProblem?.Cause; cause is not null; cause = cause.Cause)
            {
                Detail($"because: {Text(cause)}");
            }

            foreach (var advice in error.Advice)
            {
                Detail($"→ {advice}");
            }

            if (error.TraceId is { Length: > 0 } trace)
            {
                Detail($"trace id: {trace}");
            }
        }

        if (debug && error.InnerException is { } inner)
        {
            Write(StandardStreams.Error, $"{inner}\n");
        }
    }

    /// <summary>A line that only <c>--debug</c> shows.</summary>
    public static void Debug(string text) => Write(StandardStreams.Error, $"debug: {SafeText.Clean(text)}\n");

    /// <summary>Runs work with a spinner, where there is a terminal to turn it on.</summary>
    public async Task<T> WithProgressAsync<T>(string text, Func<Task<T>> work)
    {
        if (Quiet || !Environment.Spinner || Theme.Plain || Theme.Markdown || Format is not OutputFormat.Table)
        {
            return await work();
        }

        return await Error.Status()
            .Spinner(Theme.Ascii ? Spinner.Known.Line : Spinner.Known.Dots)
            .SpinnerStyle(Theme.Accent)
            .StartAsync(Markup.Escape(text), _ => work());
    }

    /// <summary>The error when standard output is full.</summary>
    public static CliException OutputLost(IOException error) => new(
        ErrorCodes.DiskFull,
        ExitCode.Unusable,
        "There is no space left to write the output to.",
        ["Free some space and run the command again. What it did before is done."],
        error);

    private static string Text(Problem problem) => problem.Message is "" ? problem.Detail ?? problem.Title ?? "unknown" : problem.Message;

    private void Detail(string text)
    {
        text = SafeText.Clean(Theme.Ascii || !Environment.RichError ? text.Replace("→", "->", StringComparison.Ordinal) : text);
        Write(StandardStreams.Error, $"  {TextWrap.Wrap(text, ErrorWidth, indent: 4, first: 2)}\n");
    }

    private int ErrorWidth => Environment.RichError && !Theme.Plain && Environment.ErrorIsTerminal ? Error.Profile.Width : int.MaxValue;

    private void Say(string sign, Style style, string text, bool always)
    {
        if (Quiet && !always)
        {
            return;
        }

        text = SafeText.Clean(text);
        if (!Environment.RichError || Theme.Plain)
        {
            var plain = style == Theme.Error && always && !text.StartsWith("Warning:", StringComparison.Ordinal) ? $"Error: {text}" : text;
            Write(StandardStreams.Error, plain + "\n");
            return;
        }

        Guard(StandardStreams.Error, () =>
        {
            // Lines break between words only: paths and commands stay whole, so that they can be copied.
            Error.Write(new Text(sign, style));
            StandardStreams.Error.Write($" {TextWrap.Wrap(text, ErrorWidth, indent: 2, first: sign.Length + 1)}\n");
        });
    }

    private static void Write(TextWriter writer, string text) => Guard(writer, () => writer.Write(text));

    /// <summary>Writes, and ignores a reader that has gone away: the command still has to finish its work.</summary>
    /// <exception cref="CliException">The disk is full: a file with half of the output must not be taken for the whole.</exception>
    internal static void Guard(TextWriter writer, Action write)
    {
        try
        {
            write();
        }
        catch (IOException exception)
        {
            if (writer == StandardStreams.Out && FileErrors.IsDiskFull(exception))
            {
                throw OutputLost(exception);
            }
        }
    }

    private IAnsiConsole Create(TextWriter writer, bool terminal, bool rich)
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = rich ? AnsiSupport.Yes : AnsiSupport.No,
            ColorSystem = !rich ? ColorSystemSupport.NoColors
                : Environment.TrueColor ? ColorSystemSupport.TrueColor
                : Environment.EightBit ? ColorSystemSupport.EightBit
                : ColorSystemSupport.Standard,
            Interactive = Environment.Spinner ? InteractionSupport.Yes : InteractionSupport.No,
            Out = new StandardOutput(writer, terminal, TerminalEnvironment.MeasureWidth(terminal)),
        });
        console.Profile.Capabilities.Unicode = !Theme.Ascii;
        return console;
    }
}
