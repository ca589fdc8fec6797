using System.Text;

namespace TKA.Cli.Terminal;

/// <summary>Tables without escape sequences: columns padded with blanks as kubectl does, or Markdown.</summary>
internal static class PlainTable
{
    private const int Gap = 3;

    /// <summary>Columns separated by at least three blanks; no trailing blanks. An empty cell shows as <c>-</c>, so that fields can be cut by position.</summary>
    public static string Columns(IReadOnlyList<string> headers, IReadOnlyList<string[]> rows)
    {
        var widths = headers.Select((header, column) =>
            Math.Max(header.Length, rows.Select(row => Cell(row[column]).Length).DefaultIfEmpty(0).Max())).ToArray();
        var text = new StringBuilder();
        AppendRow(text, headers, widths);
        foreach (var row in rows)
        {
            AppendRow(text, row, widths);
        }

        return text.ToString();
    }

    /// <summary>A Markdown table.</summary>
    public static string Markdown(IReadOnlyList<string> headers, IReadOnlyList<string[]> rows)
    {
        var text = new StringBuilder();
        text.Append("| ").AppendJoin(" | ", headers).Append(" |\n|").AppendJoin("|", headers.Select(_ => " --- ")).Append("|\n");
        foreach (var row in rows)
        {
            text.Append("| ").AppendJoin(" | ", row.Select(cell => cell.Replace("|", "\\|", StringComparison.Ordinal))).Append(" |\n");
        }

        return text.ToString();
    }

    private static void AppendRow(StringBuilder text, IReadOnlyList<string> cells, int[] widths)
    {
        for (var column = 0; column < cells.Count; column++)
        {
            var cell = Cell(cells[column]);
            text.Append(cell);
            if (column < cells.Count - 1)
            {
                text.Append(' ', widths[column] - cell.Length + Gap);
            }
        }

        text.Append('\n');
    }

    // Control characters in names that came over the network must not reach a terminal.
    private static string Cell(string value) => value.Length == 0 ? "-" : SafeText.Clean(value);
}
