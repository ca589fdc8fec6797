namespace TKA.Cli.Terminal;

/// <summary>How to put this machine's clock right.</summary>
internal static class ClockAdvice
{
    /// <summary>The command that does it.</summary>
    public static string Command { get; } =
        OperatingSystem.IsWindows() ? "w32tm /resync" :
        OperatingSystem.IsMacOS() ? "sudo sntp -sS time.apple.com" :
        "timedatectl set-ntp true";
}
