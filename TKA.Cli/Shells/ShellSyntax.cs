namespace TKA.Cli.Shells;

/// <summary>Lines for a shell to evaluate.</summary>
internal static class ShellSyntax
{
    /// <summary>Name of the shell assumed when none is named.</summary>
    public static string Default => OperatingSystem.IsWindows() ? "powershell" : "bash";

    /// <summary>Sets an environment variable.</summary>
    /// <param name="shell"><c>bash</c>, <c>zsh</c>, <c>fish</c> or <c>powershell</c>.</param>
    /// <param name="name">Variable.</param>
    /// <param name="value">Value.</param>
    /// <param name="quote">Quote the value; false only for text shown to people, whose <c>~</c> the shell shall expand.</param>
    public static string Export(string shell, string name, string value, bool quote = true) => shell switch
    {
        "powershell" => $"$env:{name} = {QuotePowerShell(value)}",
        "fish" => $"set -gx {name} {(quote ? QuoteFish(value) : value)}",
        _ => $"export {name}={(quote ? Quote(value) : value)}",
    };

    /// <summary>Removes an environment variable.</summary>
    public static string Unset(string shell, string name) => shell switch
    {
        "powershell" => $"Remove-Item Env:{name}",
        "fish" => $"set -e {name}",
        _ => $"unset {name}",
    };

    /// <summary>Removes an environment variable if it has that value.</summary>
    public static string UnsetIf(string shell, string name, string value) => shell switch
    {
        "powershell" => $"if ($env:{name} -eq {QuotePowerShell(value)}) {{ Remove-Item Env:{name} }}",
        "fish" => $"if test \"${name}\" = {QuoteFish(value)}; set -e {name}; end",
        _ => $"if [ \"${{{name}-}}\" = {Quote(value)} ]; then unset {name}; fi",
    };

    /// <summary>A word for people to type, quoted only when a shell would take it for something else.</summary>
    public static string Word(string value) =>
        value.Length > 0 && value.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.' or '/' or ':' or '@' or '+' or ',' or '=') ? value : Default == "powershell" ? QuotePowerShell(value) : Quote(value);

    /// <summary>A path for people to type, with <c>~</c> for the home directory where the shell expands it.</summary>
    public static string PathWord(string path) =>
        Default != "powershell" && Storage.TkaPaths.ForPeople(path) is ['~', .. var rest] && Word(rest) == rest ? "~" + rest : Word(path);

    /// <summary>A word for POSIX shells.</summary>
    public static string Quote(string value) => $"'{value.Replace("'", "'\\''", StringComparison.Ordinal)}'";

    /// <summary>A word for fish.</summary>
    public static string QuoteFish(string value) =>
        $"'{value.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("'", "\\'", StringComparison.Ordinal)}'";

    /// <summary>A word for PowerShell.</summary>
    public static string QuotePowerShell(string value) => $"'{value.Replace("'", "''", StringComparison.Ordinal)}'";
}
