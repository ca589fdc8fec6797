using System.Diagnostics;
using System.Text.Json;
using TKA.Cli.Errors;
using TKA.Cli.Kubeconfigs;
using TKA.Cli.Sessions;
using TKA.Cli.Shells;
using TKA.Cli.Storage;

namespace TKA.Cli.Doctor;

/// <summary>What has to be right on this machine: kubectl, the kubeconfig, tka's own files.</summary>
internal static class LocalChecks
{
    // The first minor version whose client-go speaks client.authentication.k8s.io/v1.
    private const int FirstKubectlMinor = 22;
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(5);

    /// <summary>kubectl is there and new enough.</summary>
    public static async Task<Finding> KubectlAsync(CancellationToken cancellationToken)
    {
        const string Name = "kubectl";
        const string Advice = "Install it: https://kubernetes.io/docs/tasks/tools/";
        string path;
        try
        {
            path = ChildProcess.Find("kubectl");
        }
        catch (CliException)
        {
            return new(Name, Verdict.Warning, "kubectl is not on PATH.", Advice);
        }

        try
        {
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            limit.CancelAfter(Limit);
            using var process = Process.Start(new ProcessStartInfo(path, ["version", "--client", "-o", "json"]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
            var output = await process.StandardOutput.ReadToEndAsync(limit.Token);
            await process.WaitForExitAsync(limit.Token);
            using var document = JsonDocument.Parse(output);
            var client = document.RootElement.GetProperty("clientVersion");
            var version = client.GetProperty("gitVersion").GetString();
            var minor = int.Parse(new string([.. client.GetProperty("minor").GetString()!.TakeWhile(char.IsAsciiDigit)]), System.Globalization.CultureInfo.InvariantCulture);
            return minor < FirstKubectlMinor
                ? new(Name, Verdict.Warning, $"kubectl {version} is too old for tka login --merge.", Advice)
                : new(Name, Verdict.Ok, $"kubectl {version} at {path}.");
        }
        catch (Exception exception) when (exception is JsonException or KeyNotFoundException or InvalidOperationException or FormatException or System.ComponentModel.Win32Exception
            || (exception is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            return new(Name, Verdict.Warning, $"{path} does not tell its version.", Advice);
        }
    }

    /// <summary>The user's kubeconfig can be read and written.</summary>
    public static Finding Kubeconfig()
    {
        var path = KubeconfigPath.ForUser(null);
        try
        {
            var text = KubeconfigFile.Check(path);
            return new("kubeconfig", Verdict.Ok, text.Length == 0 ? $"{TkaPaths.ForPeople(path)} does not exist yet." : $"{TkaPaths.ForPeople(path)} is fine.");
        }
        catch (CliException exception)
        {
            return Finding.From("kubeconfig", exception);
        }
    }

    /// <summary>tka's own directory can be written, and nobody else reads it.</summary>
    public static Finding State()
    {
        try
        {
            SessionStore.EnsureUsable();
            SessionKubeconfig.EnsureWritable();
            var directory = SessionStore.Kubeconfigs;
            return !OperatingSystem.IsWindows() && (File.GetUnixFileMode(directory) & (UnixFileMode.GroupRead | UnixFileMode.OtherRead | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute)) != 0
                ? new("Files", Verdict.Warning, $"{directory} can be read by others.", $"chmod 700 {directory}")
                : new("Files", Verdict.Ok, $"{TkaPaths.ForPeople(TkaPaths.State)} is writable and private.");
        }
        catch (CliException exception)
        {
            return Finding.From("Files", exception);
        }
    }
}
