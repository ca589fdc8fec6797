using System.Text;

namespace TKA.Cli.Terminal;

/// <summary>Breaks lines between words: paths, URLs and names stay whole, so that they can be copied.</summary>
internal static class TextWrap
{
    /// <summary>The text in lines of at most that width, except for longer words.</summary>
    /// <param name="text">Text without line breaks.</param>
    /// <param name="width">Columns of the terminal.</param>
    /// <param name="indent">Blanks before each line but the first.</param>
    /// <param name="first">Columns that are taken on the first line already.</param>
    public static string Wrap(string text, int width, int indent = 0, int first = 0)
    {
        var wrapped = new StringBuilder();
        var column = first;
        foreach (var word in text.Split(' '))
        {
            if (wrapped.Length > 0 && column + 1 + word.Length > width)
            {
                wrapped.Append('\n').Append(' ', indent);
                column = indent;
            }
            else if (wrapped.Length > 0)
            {
                wrapped.Append(' ');
                column++;
            }

            wrapped.Append(word);
            column += word.Length;
        }

        return wrapped.ToString();
    }
}
