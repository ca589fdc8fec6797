using System.Diagnostics;
using System.Globalization;

namespace TKA.DevEnvironment.Stack;

/// <summary>What is printed when everything is ready: addresses, and the next commands to type into a fresh terminal.</summary>
/// <param name="Files">Files of the stack.</param>
/// <param name="Addresses">Where the parts are.</param>
/// <param name="Tailnet">Tailnet of the stack.</param>
/// <param name="Kubernetes">The Kubernetes API.</param>
internal sealed record ReadyBox(StackFiles Files, StackAddresses Addresses, StackTailnet Tailnet, Uri Kubernetes)
{
    /// <summary>The dashboard, with the token that lets one in; null when there is none.</summary>
    public Uri? Dashboard { get; init; }

    /// <summary>The clusters beyond the first.</summary>
    public IReadOnlyList<FurtherCluster> Clusters { get; init; } = [];

    /// <summary>The box.</summary>
    /// <param name="since">How long the user waited.</param>
    public string Draw(TimeSpan since)
    {
        string?[] lines =
        [
            $"TKA is ready ({since.TotalSeconds.ToString("0.0", CultureInfo.InvariantCulture)} s)",
            null,
            $"API           {Text(Addresses.Server)}",
            $"Orchestrator  {Text(Addresses.Orchestrator)}",
            $"Kubernetes    {Text(Kubernetes)}",
            .. Clusters.Select(cluster => $"Cluster {cluster.Number}     {Text(cluster.Server)}  (API of {ComponentSettings.NameOf(cluster.Number)})"),
            $"Health        {Text(Addresses.ApiHealth)}/readyz?verbose",
            Dashboard is null ? "" : $"Dashboard     {Dashboard}",
            $"Files         {Files.Directory}",
            Tailnet.IsEmbedded ? $"Policy        {Files.Policy}  (edit and save: in force at once)" : $"Tailnet       {Tailnet.Socket}",
            null,
            .. Next(),
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

    /// <summary>Commands that work as they stand, in any directory: a fresh terminal knows neither this one's directory nor its variables.</summary>
    private string[] Next()
    {
        var tka = Repository.Root is { } root ? $"dotnet run --project {Quote(Path.Combine(root, "TKA.Cli"))} --" : "tka";
        return Tailnet.IsReachableFromHere
            ?
            [
                "In another terminal:",
                $"  set -a; . {Quote(Files.Env)}; set +a",
                $"  eval \"$({tka} login --quiet)\"",
                "  kubectl get pods -A",
                .. Clusters.Count == 0 ? Array.Empty<string>() : [$"  {tka} clusters"],
            ]
            :
            [
                "tailscaled runs in userspace mode: this machine cannot reach its own tailnet address,",
                "and the cluster is not registered. On another device of the tailnet:",
                $"  eval \"$(tka login --quiet --server {Text(Addresses.Server)})\"",
            ];
    }

    private static string Frame(IReadOnlyList<string?> lines)
    {
        var width = lines.Max(line => line?.Length ?? 0);
        var framed = lines.Select(line => line is null ? $"├{new string('─', width + 2)}┤" : $"│ {line.PadRight(width)} │");
        return string.Join('\n', framed.Prepend($"╭{new string('─', width + 2)}╮").Append($"╰{new string('─', width + 2)}╯"));
    }

    private static string Quote(string path) => path.Contains(' ', StringComparison.Ordinal) ? $"'{path}'" : path;

    private static string Text(Uri uri) => uri.GetLeftPart(UriPartial.Authority);
}
