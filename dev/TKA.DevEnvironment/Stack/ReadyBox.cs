using System.Diagnostics;
using System.Globalization;

namespace TKA.DevEnvironment.Stack;

/// <summary>What is printed when everything is ready: addresses, and the next two commands to type.</summary>
internal static class ReadyBox
{
    public static string Draw(StackFiles files, StackAddresses addresses, Uri kubernetes, Uri? dashboard, TimeSpan since)
    {
        var defaults = addresses.Server == new StackAddresses(new StackPorts()).Server;
        string?[] lines =
        [
            $"TKA is ready ({since.TotalSeconds.ToString("0.0", CultureInfo.InvariantCulture)} s)",
            null,
            $"API           {Text(addresses.Server)}",
            $"Orchestrator  {Text(addresses.Orchestrator)}",
            $"Kubernetes    {Text(kubernetes)}",
            $"Health        {Text(addresses.ApiHealth)}/readyz?verbose",
            dashboard is null ? "" : $"Dashboard     {dashboard}",
            $"Files         {Shorten(files.Directory)}",
            $"Policy        {Shorten(files.Policy)}  (edit and save: in force at once)",
            null,
            "In another terminal:",
            defaults
                ? "  dotnet run --project TKA.Cli -- login"
                : $"  export TKA_SERVER={Text(addresses.Server)}; dotnet run --project TKA.Cli -- login",
            "  kubectl get pods -A",
            null,
            "Ctrl+C stops everything.",
        ];
        return Frame([.. lines.Where(line => line is not "")]);
    }

    /// <summary>Time since the process started, which the user waited, not since this code ran.</summary>
    public static TimeSpan SinceProcessStart(TimeProvider time)
    {
        using var process = Process.GetCurrentProcess();
        return time.GetLocalNow().DateTime - process.StartTime;
    }

    private static string Frame(IReadOnlyList<string?> lines)
    {
        var width = lines.Max(line => line?.Length ?? 0);
        var framed = lines.Select(line => line is null ? $"├{new string('─', width + 2)}┤" : $"│ {line.PadRight(width)} │");
        return string.Join('\n', framed.Prepend($"╭{new string('─', width + 2)}╮").Append($"╰{new string('─', width + 2)}╯"));
    }

    private static string Shorten(string path)
    {
        var relative = Path.GetRelativePath(Environment.CurrentDirectory, path);
        return relative.Length < path.Length && !relative.StartsWith("..", StringComparison.Ordinal) ? relative : path;
    }

    private static string Text(Uri uri) => uri.GetLeftPart(UriPartial.Authority);
}
