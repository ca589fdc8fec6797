using System.Diagnostics;
using System.Text;
using Xunit;

namespace TKA.Tests.Cli;

/// <summary>A program under a pseudo-terminal (script from bsdutils), typed into and read from.</summary>
internal sealed class Terminal : IAsyncDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    private readonly Process _process;
    private readonly StringBuilder _screen = new();
    private readonly Task _reading;
    private int _read;

    private Terminal(Process process)
    {
        _process = process;
        _reading = ReadAsync();
    }

    /// <summary>Everything shown so far.</summary>
    public string Screen
    {
        get
        {
            lock (_screen)
            {
                return _screen.ToString();
            }
        }
    }

    /// <summary>Starts a command line of sh.</summary>
    public static Terminal Start(CliHome home, string commandLine)
    {
        home.Environment.TryAdd("TERM", "xterm-256color");
        return new Terminal(home.Start("/usr/bin/script", ["-q", "-e", "-c", commandLine, "/dev/null"]));
    }

    /// <summary>Types keys.</summary>
    public async Task TypeAsync(string keys)
    {
        await _process.StandardInput.WriteAsync(keys);
        await _process.StandardInput.FlushAsync(TestContext.Current.CancellationToken);
    }

    /// <summary>Waits until a text shows that was not waited for before.</summary>
    public async Task SeeAsync(string text)
    {
        var started = TimeProvider.System.GetTimestamp();
        while (true)
        {
            var screen = Screen;
            var at = screen.IndexOf(text, _read, StringComparison.Ordinal);
            if (at >= 0)
            {
                _read = at + text.Length;
                return;
            }

            if (TimeProvider.System.GetElapsedTime(started) > Limit || (_reading.IsCompleted && Screen.IndexOf(text, _read, StringComparison.Ordinal) < 0))
            {
                Assert.Fail($"'{text}' does not show:\n{screen}");
            }

            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System, TestContext.Current.CancellationToken);
        }
    }

    /// <summary>Waits for the end of the command.</summary>
    /// <returns>Its exit code.</returns>
    public async Task<int> EndAsync()
    {
        using var limit = new CancellationTokenSource(Limit);
        try
        {
            await _process.WaitForExitAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            Assert.Fail($"It does not end:\n{Screen}");
        }

        await _reading;
        return _process.ExitCode;
    }

    /// <summary>The terminal goes away, as when its window is closed.</summary>
    public void Close() => Signals.Send(_process.Id, "KILL");

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
        }

        await _reading;
        _process.Dispose();
    }

    private async Task ReadAsync()
    {
        var buffer = new char[4096];
        int count;
        while ((count = await _process.StandardOutput.ReadAsync(buffer)) > 0)
        {
            lock (_screen)
            {
                _screen.Append(buffer, 0, count);
            }
        }
    }
}
