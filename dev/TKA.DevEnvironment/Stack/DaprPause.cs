using Grpc.Core;
using Grpc.Core.Interceptors;

namespace TKA.DevEnvironment.Stack;

/// <summary>Makes the embedded Dapr hang: a state store that takes requests and answers none is the worst kind of outage.</summary>
internal sealed class DaprPause
{
    private volatile TaskCompletionSource? _paused;

    /// <summary>Completes when requests are answered.</summary>
    public Task Ended => _paused?.Task ?? Task.CompletedTask;

    /// <summary>Requests hang from now on.</summary>
    public void Pause() => _paused ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Requests are answered, those that hang included.</summary>
    public void Resume()
    {
        _paused?.TrySetResult();
        _paused = null;
    }

    /// <summary>Holds the requests back.</summary>
    internal sealed class HoldBack(DaprPause pause) : Interceptor
    {
        public override async Task<TResponse> UnaryServerHandler<TRequest, TResponse>(
            TRequest request, ServerCallContext context, UnaryServerMethod<TRequest, TResponse> continuation)
        {
            await pause.Ended.WaitAsync(context.CancellationToken);
            return await continuation(request, context);
        }
    }
}
