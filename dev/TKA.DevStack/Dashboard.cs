using System.ComponentModel;
using System.Diagnostics;
using System.Security.Cryptography;

namespace TKA.DevStack;

/// <summary>The Aspire dashboard, when this machine has one; all services then send it their telemetry.</summary>
internal sealed class Dashboard : IAsyncDisposable
{
    private static readonly TimeSpan StopDeadline = TimeSpan.FromSeconds(2);
    private readonly Process _process;

    private Dashboard(Process process, Uri frontend, Uri otlp) => (_process, Frontend, Otlp) = (process, frontend, otlp);

    /// <summary>Where to look at it, with the token that lets one in.</summary>
    public Uri Frontend { get; }

    /// <summary>Where to send telemetry (OTLP over gRPC).</summary>
    public Uri Otlp { get; }

    /// <summary>Starts the dashboard without waiting for it: the stack does not need it.</summary>
    /// <returns>Null when none is found or it cannot be run.</returns>
    public static Dashboard? Start(Func<string, string?> environment, int frontendPort, int otlpPort)
    {
        if (Find(environment) is not { } path)
        {
            return null;
        }

        var frontend = new Uri($"http://127.0.0.1:{frontendPort}");
        var otlp = new Uri($"http://127.0.0.1:{otlpPort}");
        var token = RandomNumberGenerator.GetHexString(32, lowercase: true);
        try
        {
            var process = Process.Start(Command(path, frontend, otlp, token));
            if (process is null)
            {
                return null;
            }
            // Read to nobody, so that a full pipe never stops it.
            process.OutputDataReceived += static (_, _) => { };
            process.ErrorDataReceived += static (_, _) => { };
            process.BeginOutputReadLine();
            process.BeginErrorReadLine();
            return new Dashboard(process, new Uri(frontend, $"/login?t={token}"), otlp);
        }
        catch (Win32Exception)
        {
            return null;
        }
    }

    public async ValueTask DisposeAsync()
    {
        try
        {
            _process.Kill(entireProcessTree: true);
            using var limit = new CancellationTokenSource(StopDeadline, TimeProvider.System);
            await _process.WaitForExitAsync(limit.Token);
        }
        catch (Exception exception) when (exception is InvalidOperationException or OperationCanceledException or Win32Exception)
        {
            // Gone already, or will not go: the stack stops all the same.
        }

        _process.Dispose();
    }

    /// <summary><c>ASPIRE_DASHBOARD_PATH</c> names the dashboard's executable or dll; the Aspire CLI brings one along.</summary>
    private static string? Find(Func<string, string?> environment)
    {
        if (environment("ASPIRE_DASHBOARD_PATH") is { Length: > 0 } named)
        {
            return File.Exists(named) ? named : null;
        }

        var name = OperatingSystem.IsWindows() ? "aspire.exe" : "aspire";
        return (environment("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
            .Select(directory => Path.Combine(directory, name))
            .FirstOrDefault(File.Exists);
    }

    private static ProcessStartInfo Command(string path, Uri frontend, Uri otlp, string token)
    {
        var start = new ProcessStartInfo(path) { RedirectStandardOutput = true, RedirectStandardError = true };
        switch (Path.GetFileNameWithoutExtension(path))
        {
            case "aspire":
                foreach (var argument in (string[])["dashboard", "run", "--nologo", "--non-interactive"])
                {
                    start.ArgumentList.Add(argument);
                }

                start.ArgumentList.Add($"--frontend-url={frontend}");
                start.ArgumentList.Add($"--otlp-grpc-url={otlp}");
                // Unused, and its default port may be taken.
                start.ArgumentList.Add("--otlp-http-url=http://127.0.0.1:0");
                break;
            case "aspire-managed":
                start.ArgumentList.Add("dashboard");
                break;
            case not null when path.EndsWith(".dll", StringComparison.OrdinalIgnoreCase):
                start.FileName = "dotnet";
                start.ArgumentList.Add(path);
                break;
        }

        start.Environment["ASPNETCORE_URLS"] = frontend.ToString();
        start.Environment["ASPIRE_DASHBOARD_OTLP_ENDPOINT_URL"] = otlp.ToString();
        start.Environment["DASHBOARD__FRONTEND__AUTHMODE"] = "BrowserToken";
        start.Environment["DASHBOARD__FRONTEND__BROWSERTOKEN"] = token;
        return start;
    }
}
