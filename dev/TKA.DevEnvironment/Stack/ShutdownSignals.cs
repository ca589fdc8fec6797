using System.Runtime.InteropServices;

namespace TKA.DevEnvironment.Stack;

/// <summary>Ctrl+C, SIGTERM and the closing of the terminal, as one token. A second signal ends the process at once.</summary>
internal sealed class ShutdownSignals : IDisposable
{
    private const int Interrupted = 130;
    private readonly CancellationTokenSource _stop = new();
    private readonly PosixSignalRegistration[] _registrations;

    public ShutdownSignals() => _registrations =
    [
        .. new[] { PosixSignal.SIGINT, PosixSignal.SIGTERM, PosixSignal.SIGQUIT, PosixSignal.SIGHUP }
            .Select(signal => PosixSignalRegistration.Create(signal, Handle)),
    ];

    public CancellationToken Token => _stop.Token;

    public void Dispose()
    {
        foreach (var registration in _registrations)
        {
            registration.Dispose();
        }

        _stop.Dispose();
    }

    private void Handle(PosixSignalContext context)
    {
        context.Cancel = true;
        if (_stop.IsCancellationRequested)
        {
            Environment.Exit(Interrupted);
        }
        // Off this thread: the runtime delivers no further signal until the handler returns.
        _ = Task.Run(_stop.Cancel);
    }
}
