namespace TKA.DevEnvironment.Tailnet.LocalApi;

/// <summary>Whether tailscaled runs, as <c>tailscale up</c> and <c>down</c> set it.</summary>
internal sealed class BackendState
{
    private readonly Lock _gate = new();
    private bool _wantRunning = true;
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public string Name => WantRunning ? "Running" : "Stopped";

    /// <summary>The number that watch-ipn-bus sends.</summary>
    public int Number => WantRunning ? 6 : 4;

    /// <summary>Completes at the next change.</summary>
    public Task Changed
    {
        get
        {
            lock (_gate)
            {
                return _changed.Task;
            }
        }
    }

    public bool WantRunning
    {
        get
        {
            lock (_gate)
            {
                return _wantRunning;
            }
        }

        set
        {
            lock (_gate)
            {
                if (_wantRunning != value)
                {
                    _wantRunning = value;
                    // The awaiting requests go on elsewhere, not under this lock.
                    _changed.SetResult();
                    _changed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                }
            }
        }
    }
}
