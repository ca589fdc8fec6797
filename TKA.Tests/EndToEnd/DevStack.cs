using System.Diagnostics;
using System.Text;
using TKA.Tests.EndToEnd;
using Xunit;

[assembly: AssemblyFixture(typeof(DevStack))]

namespace TKA.Tests.EndToEnd;

/// <summary>
/// The stack as a contributor starts it: TKA.DevStack as a process, ready when its env file is there. Started by the first
/// test that asks for it, shared by the others, stopped with SIGTERM.
/// </summary>
public sealed class DevStack : IAsyncDisposable
{
    /// <summary>Far beyond the 3 seconds of an idle machine: a machine ten times slower is busy with the other tests too.</summary>
    private static readonly TimeSpan StartDeadline = TimeSpan.FromMinutes(3);

    private readonly Lock _gate = new();
    private readonly string _data = Directory.CreateTempSubdirectory("tka-e2e-").FullName;
    private readonly StringBuilder _output = new();
    private Process? _process;
    private Task? _starting;

    /// <summary>The <c>KEY=VALUE</c> lines of <c>DIR/env</c>.</summary>
    public IReadOnlyDictionary<string, string> Env { get; private set; } = new Dictionary<string, string>();

    /// <summary>
    /// Waits until the stack is ready. When it does not start, the first test that asked fails with the stack's log, and the others
    /// are skipped: they would only repeat it.
    /// </summary>
    public async Task StartedAsync()
    {
        bool first;
        Task starting;
        lock (_gate)
        {
            first = _starting is null;
            starting = _starting ??= StartAsync();
        }

        await starting.WaitAsync(TestContext.Current.CancellationToken).ConfigureAwait(first ? ConfigureAwaitOptions.None : ConfigureAwaitOptions.SuppressThrowing);
        TestContext.Current.CancellationToken.ThrowIfCancellationRequested();
        Assert.SkipWhen(starting.IsFaulted, "The stack did not start; the test that failed for it shows its log.");
    }

    /// <summary>Runs stock kubectl with a kubeconfig, nothing of the developer's environment leaking in.</summary>
    public static async Task<(int ExitCode, string Output, string Error)> KubectlAsync(string kubeconfig, params string[] args)
    {
        var start = new ProcessStartInfo("kubectl", args) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["KUBECONFIG"] = kubeconfig;
        start.Environment["HOME"] = Path.GetTempPath();
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        var error = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return (process.ExitCode, await output, await error);
    }

    /// <summary>kubectl as the cluster's administrator.</summary>
    public Task<(int ExitCode, string Output, string Error)> AdminAsync(params string[] args) =>
        KubectlAsync(Env["TKA_ADMIN_KUBECONFIG"], args);

    public async ValueTask DisposeAsync()
    {
        if (_process is { } process)
        {
            using var kill = Process.Start("kill", ["-TERM", process.Id.ToString(System.Globalization.CultureInfo.InvariantCulture)]);
            using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20), TimeProvider.System);
            try
            {
                await process.WaitForExitAsync(limit.Token);
            }
            catch (OperationCanceledException)
            {
                process.Kill(entireProcessTree: true);
            }

            process.Dispose();
        }

        Directory.Delete(_data, recursive: true);
    }

    private async Task StartAsync()
    {
        var start = new ProcessStartInfo("dotnet", [StackAssembly(), "--data", _data, "--ports", "auto"])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };

        // The hole Aspire would open: the API must not believe forwarded headers whatever its environment says.
        start.Environment["ASPNETCORE_FORWARDEDHEADERS_ENABLED"] = "true";
        start.Environment["ASPIRE_DASHBOARD_PATH"] = "";
        var process = Process.Start(start)!;
        process.OutputDataReceived += (_, line) => Keep(line.Data);
        process.ErrorDataReceived += (_, line) => Keep(line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        _process = process;

        var file = Path.Combine(_data, "env");
        var began = TimeProvider.System.GetTimestamp();
        while (!File.Exists(file))
        {
            if (process.HasExited || TimeProvider.System.GetElapsedTime(began) > StartDeadline)
            {
                Assert.Fail($"The stack {(process.HasExited ? $"ended with {process.ExitCode}" : $"was not ready after {StartDeadline}")}:\n{Output()}");
            }

            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, CancellationToken.None);
        }

        Env = (await File.ReadAllLinesAsync(file))
            .Select(line => line.Split('=', 2))
            .Where(pair => pair.Length == 2)
            .ToDictionary(pair => pair[0], pair => pair[1]);
    }

    private string Output()
    {
        lock (_output)
        {
            return _output.ToString();
        }
    }

    private void Keep(string? line)
    {
        lock (_output)
        {
            _output.AppendLine(line);
        }
    }

    private static string StackAssembly()
    {
        // bin/<configuration>/net10.0 of the tests and of the stack are siblings.
        var own = new DirectoryInfo(AppContext.BaseDirectory);
        var configuration = own.Parent!.Name;
        var path = Path.Combine(Cli.CliBinary.RepositoryRoot, "dev", "TKA.DevStack", "bin", configuration, own.Name, "TKA.DevStack.dll");
        return File.Exists(path) ? path : throw new InvalidOperationException($"Build TKA.DevStack first: {path} is missing.");
    }
}
