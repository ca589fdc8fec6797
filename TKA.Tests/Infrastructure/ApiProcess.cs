using System.Diagnostics;

namespace TKA.Tests.Infrastructure;

/// <summary>The API's executable, configured by its command line, beside a <see cref="TkaStack"/>.</summary>
public sealed class ApiProcess : IAsyncDisposable
{
    private const string Listening = "Now listening on: ";

    private readonly Process _process;

    private ApiProcess(Process process) => _process = process;

    /// <summary>Base address of the API.</summary>
    public Uri Uri { get; private set; } = null!;

    /// <summary>Base address of its health and metrics.</summary>
    public Uri ManagementUri { get; private set; } = null!;

    /// <summary>Starts the executable and returns when it serves.</summary>
    public static Task<ApiProcess> StartAsync(TkaStack stack, CancellationToken cancellationToken, params (string Name, string Value)[] environment) =>
        StartAsync(stack, new ProcessStartInfo("dotnet"), [], environment, cancellationToken);

    /// <summary>Starts it as a user id that no user of the system has, as a platform does that assigns ids, with the home that the chart sets then.</summary>
    /// <param name="stack">What it stands beside.</param>
    /// <param name="user">The id, in a user namespace.</param>
    /// <param name="arguments">Stronger than those of the stack.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public static Task<ApiProcess> StartAsUserAsync(TkaStack stack, int user, IEnumerable<string> arguments, CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo("unshare", ["--user", $"--map-user={user}", "--map-group=0", "dotnet"]);
        start.Environment["HOME"] = "/tmp";
        return StartAsync(stack, start, arguments, [], cancellationToken);
    }

    private static async Task<ApiProcess> StartAsync(
        TkaStack stack, ProcessStartInfo start, IEnumerable<string> arguments, IEnumerable<(string Name, string Value)> environment, CancellationToken cancellationToken)
    {
        (start.RedirectStandardOutput, start.RedirectStandardError) = (true, true);
        start.ArgumentList.Add(Path.Combine(AppContext.BaseDirectory, "TKA.Api.dll"));
        foreach (var (key, value) in stack.ApiConfiguration.Append(new("tailscale:socket", stack.Tailnet.SocketPath)).Append(new("tailscale:port", "0")).Append(new("tailscale:tls", "false")).Append(new("management:address", "127.0.0.1")))
        {
            start.ArgumentList.Add($"--{key}={value}");
        }

        foreach (var argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        var api = new ApiProcess(Process.Start(start)!);
        try
        {
            await api.WaitAsync(cancellationToken);
            return api;
        }
        catch
        {
            await api.DisposeAsync();
            throw;
        }
    }

    /// <summary>Ends it with SIGKILL.</summary>
    public async Task KillAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
            await _process.WaitForExitAsync();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        _process.Dispose();
    }

    private async Task WaitAsync(CancellationToken cancellationToken)
    {
        _ = _process.StandardError.ReadToEndAsync(cancellationToken);
        using var http = new HttpClient();
        while (await _process.StandardOutput.ReadLineAsync(cancellationToken) is { } line)
        {
            var at = line.IndexOf(Listening, StringComparison.Ordinal);
            if (at < 0)
            {
                continue;
            }

            // Two listeners: the one that does not know /livez is the API.
            var uri = new Uri(line[(at + Listening.Length)..].Trim());
            using var response = await http.GetAsync(new Uri(uri, "/livez"), cancellationToken);
            if (response.IsSuccessStatusCode)
            {
                ManagementUri = uri;
            }
            else
            {
                Uri = uri;
            }

            if (Uri is not null && ManagementUri is not null)
            {
                _ = _process.StandardOutput.ReadToEndAsync(cancellationToken);
                return;
            }
        }

        throw new InvalidOperationException($"The API ended with code {_process.ExitCode}.");
    }
}
