namespace TKA.Cli.Terminal;

/// <summary>Text from the network, made safe for a terminal.</summary>
internal static class SafeText
{
    /// <summary>The text with control characters (escape sequences among them) replaced by <c>?</c> and line breaks by blanks.</summary>
    public static string Clean(string text)
    {
        if (!text.Any(char.IsControl))
        {
            return text;
        }

        return string.Create(text.Length, text, static (span, source) =>
        {
            for (var i = 0; i < span.Length; i++)
            {
                span[i] = source[i] is '\n' or '\r' or '\t' ? ' ' : char.IsControl(source[i]) ? '?' : source[i];
            }
        });
    }
}
