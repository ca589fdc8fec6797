using System.Diagnostics;

namespace TKA.Tests.Cli;

/// <summary>Signals to running binaries.</summary>
internal static class Signals
{
    /// <summary>Sends one.</summary>
    public static void Send(int processId, string signal)
    {
        using var kill = Process.Start("/bin/kill", ["-" + signal, processId.ToString(System.Globalization.CultureInfo.InvariantCulture)]);
        kill.WaitForExit();
    }

    /// <summary>Sends one and waits for the end.</summary>
    public static async Task<CliResult> SendAsync(Process process, string signal)
    {
        Send(process.Id, signal);
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEndAsync();
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        await process.WaitForExitAsync(limit.Token);
        return new CliResult(process.ExitCode, await output, await error);
    }
}
