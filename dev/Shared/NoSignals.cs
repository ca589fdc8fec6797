namespace TKA.DevEnvironment.Shared;

/// <summary>For a host inside a bigger program, which handles signals for all of them in order.</summary>
internal sealed class NoSignals : IHostLifetime
{
    public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
