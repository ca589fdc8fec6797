namespace TKA.Cli.Terminal;

/// <summary>What of a table fits a terminal: less important columns are left out, and what still does not fit is stacked, so that no word is broken.</summary>
internal static class TableLayout
{
    // A border and a blank on either side of a cell, and the last border.
    private const int CellFrame = 3;
    private const int Frame = 1;

    /// <summary>The columns to show, by number; null: not even the most important fit side by side.</summary>
    /// <param name="columns">The columns.</param>
    /// <param name="rows">The rows.</param>
    /// <param name="width">Columns of the terminal.</param>
    public static IReadOnlyList<int>? Fit(IReadOnlyList<Column> columns, IReadOnlyList<string[]> rows, int width)
    {
        var widths = columns.Select((column, i) => Math.Max(column.Name.Length, rows.Select(row => row[i].Length).DefaultIfEmpty(0).Max()) + CellFrame).ToArray();
        var shown = Enumerable.Range(0, columns.Count).ToList();
        while (shown.Sum(i => widths[i]) + Frame > width)
        {
            var least = shown.Where(i => columns[i].Importance > 0).OrderByDescending(i => columns[i].Importance).ThenByDescending(i => widths[i]).ToList();
            if (least.Count == 0)
            {
                return null;
            }

            shown.Remove(least[0]);
        }

        return shown;
    }

    /// <summary>The rows one under the other, each cell on a line of its own behind its heading; empty cells are left out.</summary>
    public static string Stack(IReadOnlyList<Column> columns, IReadOnlyList<string[]> rows)
    {
        var label = columns.Max(column => column.Name.Length) + 2;
        return string.Join("\n", rows.Select(row => string.Concat(columns
            .Select((column, i) => row[i].Length == 0 ? "" : $"{(column.Name + ':').PadRight(label)}{SafeText.Clean(row[i])}\n"))));
    }
}
