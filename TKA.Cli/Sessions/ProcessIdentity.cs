using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;

namespace TKA.Cli.Sessions;

/// <summary>Tells a process from a later one that got the same number.</summary>
internal static partial class ProcessIdentity
{
    /// <summary>Whether the process that held a session is still there; of one on another machine that must be assumed.</summary>
    public static bool IsAlive(SessionRecord record) => !record.IsHere || StartOf(record.ProcessId) is { } started && started == record.ProcessStarted;

    /// <summary>The process that started this one, by number and start; null where that cannot be found out.</summary>
    public static string? Parent() =>
        (OperatingSystem.IsWindows() ? ParentOnWindows() : GetParentId()) is > 0 and var parent && StartOf(parent) is { } started
            ? string.Create(CultureInfo.InvariantCulture, $"{parent}:{started}")
            : null;

    /// <summary>When the process started, in whatever unit the system counts; null when there is no such process.</summary>
    public static string? StartOf(int processId) => OperatingSystem.IsLinux() ? StartFromProc(processId) : StartFromSystem(processId);

    /// <summary><see cref="StartOf"/> where there is no <c>/proc</c>: macOS and Windows tell the start of the user's own processes.</summary>
    public static string? StartFromSystem(int processId)
    {
        try
        {
            using var process = Process.GetProcessById(processId);
            return process.StartTime.ToUniversalTime().Ticks.ToString(CultureInfo.InvariantCulture);
        }
        catch (Exception exception) when (exception is ArgumentException or InvalidOperationException or System.ComponentModel.Win32Exception)
        {
            return null;
        }
    }

    private static string? StartFromProc(int processId)
    {
        try
        {
            // Field 22 of "1234 (name with ) perhaps) S 1 ...", counted after the last parenthesis; state Z is a process that is gone but for its parent.
            var stat = File.ReadAllText($"/proc/{processId}/stat");
            var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
            return fields[0] is "Z" or "X" ? null : fields[19];
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    // Windows keeps the parent's number only here. It may be that of a later process when the parent is gone; then so is who would ask again.
    private static int ParentOnWindows() =>
        QueryProcess(-1, informationClass: 0, out var information, Marshal.SizeOf<BasicInformation>(), out _) == 0 ? (int)information.ParentId : 0;

    [LibraryImport("libc", EntryPoint = "getppid")]
    private static partial int GetParentId();

    [LibraryImport("ntdll", EntryPoint = "NtQueryInformationProcess")]
    private static partial int QueryProcess(nint process, int informationClass, out BasicInformation information, int length, out int written);

    /// <summary>PROCESS_BASIC_INFORMATION.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct BasicInformation
    {
        public nint ExitStatus;
        public nint EnvironmentBlock;
        public nint AffinityMask;
        public nint BasePriority;
        public nint ProcessId;
        public nint ParentId;
    }
}
