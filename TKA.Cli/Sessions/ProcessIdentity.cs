using System.Diagnostics;
using System.Globalization;

namespace TKA.Cli.Sessions;

/// <summary>Tells a process from a later one that got the same number.</summary>
internal static class ProcessIdentity
{
    /// <summary>When the process started, in whatever unit the system counts; null when there is no such process.</summary>
    public static string? StartOf(int processId)
    {
        if (OperatingSystem.IsLinux())
        {
            try
            {
                // Field 22 of "1234 (name with ) perhaps) S 1 ...", counted after the last parenthesis; state Z is a process that is gone but for its parent.
                var stat = File.ReadAllText($"/proc/{processId}/stat");
                var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
                return fields[0] is "Z" or "X" ? null : fields[19];
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException)
            {
                return null;
            }
        }

        try
        {
            using var process = Process.GetProcessById(processId);
            return process.StartTime.ToUniversalTime().Ticks.ToString(CultureInfo.InvariantCulture);
        }
        catch (Exception error) when (error is ArgumentException or InvalidOperationException or System.ComponentModel.Win32Exception)
        {
            return null;
        }
    }

    /// <summary>Whether the process that held a session is still there.</summary>
    public static bool IsAlive(SessionRecord record) => StartOf(record.ProcessId) is { } started && started == record.ProcessStarted;
}
