using System.Runtime.InteropServices;

namespace TKA.Cli.Shells;

/// <summary>
/// What happens on SIGINT, SIGTERM, SIGHUP and SIGQUIT. Normally the run is cancelled, and a second signal ends the process at once;
/// while a child runs, the signals are the child's and this process stays until it can clean up.
/// </summary>
internal sealed class ProcessSignals : IDisposable
{
    private readonly CancellationTokenSource _cancelled = new();
    private readonly List<PosixSignalRegistration> _registrations = [];
    private static Action<PosixSignal>? RedirectedTo;

    /// <summary>Starts to listen.</summary>
    public ProcessSignals()
    {
        foreach (var signal in (ReadOnlySpan<PosixSignal>)[PosixSignal.SIGINT, PosixSignal.SIGTERM, PosixSignal.SIGHUP, PosixSignal.SIGQUIT])
        {
            _registrations.Add(PosixSignalRegistration.Create(signal, Handle));
        }
    }

    /// <summary>Cancelled by the first signal.</summary>
    public CancellationToken Token => _cancelled.Token;

    /// <summary>Hands signals to <paramref name="handler"/> instead, until the result is disposed.</summary>
    public static IDisposable Redirect(Action<PosixSignal> handler)
    {
        RedirectedTo = handler;
        return new Restore();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var registration in _registrations)
        {
            registration.Dispose();
        }

        _cancelled.Dispose();
    }

    private void Handle(PosixSignalContext context)
    {
        if (RedirectedTo is { } redirect)
        {
            context.Cancel = true;
            redirect(context.Signal);
            return;
        }

        context.Cancel = !_cancelled.IsCancellationRequested;
        _cancelled.Cancel();
    }

    private sealed class Restore : IDisposable
    {
        public void Dispose() => RedirectedTo = null;
    }
}
