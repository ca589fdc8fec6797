using System.ComponentModel;
using System.Diagnostics;

namespace TKA.DevEnvironment.Stack;

/// <summary>The user's own kubectl: the one door to a cluster that is not ours, with whatever credentials the user has for it.</summary>
/// <param name="kubeconfig">Kubeconfig to use; null for the user's own (<c>KUBECONFIG</c>).</param>
internal sealed class Kubectl(string? kubeconfig = null)
{
    /// <summary>Runs to the end and returns what it printed.</summary>
    /// <exception cref="StackException">There is no kubectl, or it failed; with its own words.</exception>
    public async Task<string> RunAsync(IEnumerable<string> arguments, string? input, CancellationToken cancellationToken)
    {
        var (exitCode, output, errors) = await TryAsync(arguments, input, cancellationToken);
        return exitCode == 0 ? output : throw new StackException($"kubectl failed: {errors.Trim().ReplaceLineEndings(" ")}");
    }

    /// <summary>Runs to the end, whether it fails or not.</summary>
    /// <exception cref="StackException">There is no kubectl.</exception>
    public async Task<(int ExitCode, string Output, string Errors)> TryAsync(IEnumerable<string> arguments, string? input, CancellationToken cancellationToken)
    {
        using var process = Start(arguments);
        if (input is not null)
        {
            await process.StandardInput.WriteAsync(input.AsMemory(), cancellationToken);
        }

        process.StandardInput.Close();
        try
        {
            var output = process.StandardOutput.ReadToEndAsync(cancellationToken);
            var errors = await process.StandardError.ReadToEndAsync(cancellationToken);
            await process.WaitForExitAsync(cancellationToken);
            return (process.ExitCode, await output, errors);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw;
        }
    }

    /// <summary>Starts with all streams redirected.</summary>
    /// <exception cref="StackException">There is no kubectl.</exception>
    public Process Start(IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo("kubectl", arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        if (kubeconfig is not null)
        {
            start.Environment["KUBECONFIG"] = kubeconfig;
        }

        try
        {
            return Process.Start(start)!;
        }
        catch (Win32Exception exception)
        {
            throw new StackException("--cluster kubeconfig needs kubectl on PATH.", exception);
        }
    }
}
