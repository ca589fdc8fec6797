using System.Diagnostics;
using Xunit;

namespace TKA.DevEnvironment.Tests.Cluster.Kubectl;

/// <summary>The stock kubectl on the path.</summary>
/// <param name="kubeconfig">Path of the kubeconfig.</param>
/// <param name="namespace">Namespace of every command; empty: that of the manifests.</param>
internal sealed class Kubectl(string kubeconfig, string @namespace)
{
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(60);

    /// <summary>Extra environment.</summary>
    public Dictionary<string, string> Environment { get; } = [];

    /// <summary>Runs kubectl, expecting success; returns standard output.</summary>
    public async Task<string> RunAsync(string arguments, string? input = null)
    {
        var result = await TryAsync(arguments, input);
        Assert.True(result.ExitCode == 0, $"kubectl {arguments}: {result.ExitCode}\n{result.Output}\n{result.Error}");
        return result.Output;
    }

    /// <summary>Runs kubectl.</summary>
    public async Task<(int ExitCode, string Output, string Error)> TryAsync(string arguments, string? input = null)
    {
        using var process = Start(arguments);
        if (input is not null)
        {
            await process.StandardInput.WriteAsync(input);
        }

        process.StandardInput.Close();
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        deadline.CancelAfter(LongestWait);
        try
        {
            var output = process.StandardOutput.ReadToEndAsync(deadline.Token);
            var error = process.StandardError.ReadToEndAsync(deadline.Token);
            await process.WaitForExitAsync(deadline.Token);
            return (process.ExitCode, await output, await error);
        }
        finally
        {
            if (!process.HasExited)
            {
                process.Kill();
            }
        }
    }

    /// <summary>Starts kubectl and leaves it running: watches.</summary>
    public Process Start(string arguments)
    {
        // No shell and no quoting: words are what spaces separate.
        var start = new ProcessStartInfo("kubectl", ["--kubeconfig", kubeconfig, .. @namespace.Length > 0 ? new[] { "--namespace", @namespace } : [], .. arguments.Split(' ')])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["HOME"] = Path.GetDirectoryName(kubeconfig)!;
        foreach (var (name, value) in Environment)
        {
            start.Environment[name] = value;
        }

        return Process.Start(start)!;
    }
}
