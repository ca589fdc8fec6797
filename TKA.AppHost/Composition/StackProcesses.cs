using System.Diagnostics;
using System.Globalization;

namespace TKA.AppHost.Composition;

/// <summary>
/// All processes of this run: DCP, the dashboard and the resources. DCP detaches itself and ends a moment after the AppHost, so the
/// command would return while something of the stack still runs.
/// </summary>
internal static class StackProcesses
{
    private const string Variable = "TKA_APPHOST_PROCESS";
    private static readonly TimeSpan Timeout = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(50);

    private static string Id { get; } = Environment.ProcessId.ToString(CultureInfo.InvariantCulture);

    /// <summary>Marks this process; its descendants inherit the mark with its environment.</summary>
    public static void Mark() => Environment.SetEnvironmentVariable(Variable, Id);

    /// <summary>Waits until no descendant runs. Only Linux shows the environment of other processes; elsewhere it returns at once.</summary>
    public static async Task WaitForEndAsync()
    {
        var started = TimeProvider.System.GetTimestamp();
        while (OperatingSystem.IsLinux() && Process.GetProcesses().Any(IsOurs) && TimeProvider.System.GetElapsedTime(started) < Timeout)
        {
            await Task.Delay(Interval, TimeProvider.System);
        }
    }

    private static bool IsOurs(Process process)
    {
        try
        {
            return process.Id != Environment.ProcessId
                && File.ReadAllText($"/proc/{process.Id}/environ").Split('\0').Contains($"{Variable}={Id}");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // It has ended, or belongs to another user.
            return false;
        }
        finally
        {
            process.Dispose();
        }
    }
}
