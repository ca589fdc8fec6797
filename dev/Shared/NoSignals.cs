namespace TKA.DevEnvironment.Shared;

/// <summary>Host lifetime without signal handling, for hosts inside a program that handles signals itself.</summary>
internal sealed class NoSignals : IHostLifetime
{
    public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
