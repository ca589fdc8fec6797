using Microsoft.Extensions.Options;
using TKA.Contracts;
using TKA.Kubernetes.Caching;
using TKA.Kubernetes.Client;
using TKA.Kubernetes.Sessions;
using TKA.Operator.Options;
using TKA.Operator.Telemetry;

namespace TKA.Operator.Ledger;

/// <summary>The ledger kept in Dapr state, written behind: in order, with retry, and with no effect on sessions when Dapr is slow or away.</summary>
internal sealed class DaprLedger : BackgroundService, ISessionLedger
{
    private const int SessionsPerBatch = 200;
    private static readonly TimeSpan AdvancePeriod = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan FlushTimeout = TimeSpan.FromSeconds(2);

    /// <summary>Writing that takes longer may as well fail.</summary>
    private static readonly TimeSpan Slow = TimeSpan.FromSeconds(1);

    /// <summary>Between two writes of the outbox, so that many endings share one.</summary>
    private static readonly TimeSpan Gather = TimeSpan.FromMilliseconds(200);

    private readonly LedgerStore _store;
    private readonly LedgerOutbox _outbox;
    private readonly PendingEntries _pending = new();
    private readonly IResourceCache<TkaSignin> _signins;
    private readonly OperatorOptions _options;
    private readonly ClusterTime _time;
    private readonly ILogger _logger;
    private readonly JitteredBackoff _backoff = new(TimeSpan.FromMilliseconds(250), TimeSpan.FromSeconds(5));
    private volatile bool _replayWanted;
    private volatile bool _atRisk;
    private DateTimeOffset _advanced;

    public DaprLedger(
        LedgerStore store, LedgerOutbox outbox, IResourceCache<TkaSignin> signins, IOptions<OperatorOptions> options, OperatorMetrics metrics, ClusterTime time, ILogger<DaprLedger> logger)
    {
        _store = store;
        _outbox = outbox;
        _signins = signins;
        _options = options.Value;
        _time = time;
        _logger = logger;
        metrics.WatchLedger(() => _pending.Count);
    }

    /// <summary>Sessions whose latest entries are not written.</summary>
    public int Pending => _pending.Count;

    /// <summary>How often in a row it could not write.</summary>
    internal int Failures => _backoff.Failures;

    /// <summary>Entries of one session that are not written.</summary>
    internal int PendingOf(string uid) => _pending.CountOf(uid);

    /// <summary>What keeps it from writing; <see langword="null"/>: nothing.</summary>
    public string? LastError { get; private set; }

    public void Granted(TkaSignin signin, SessionWindow window) => _pending.Add(Entry(signin, window.Start, window.End));

    public void Ended(TkaSignin signin, string how, DateTimeOffset at, SessionWindow? bound = null) =>
        _pending.Add(new EndedEntry(
            signin.Metadata.Uid,
            signin.Metadata.Name,
            how,
            at,
            LastGrantOf(signin) ?? (bound is { } window ? Entry(signin, window.Start, window.End) : null)));

    public void Vanished(string uid, string name, DateTimeOffset at) => _pending.Add(new EndedEntry(uid, name, SessionEndings.Vanished, at));

    public bool IsKept(string uid)
    {
        var pending = _pending.CountOf(uid);
        return pending == 0 || !_atRisk || !_outbox.IsUsable || _outbox.Holds(uid, pending);
    }

    public void Replay()
    {
        _outbox.TakeOver();
        _replayWanted = true;
        _pending.Signal();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Task.Yield();
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await WatchedAsync(WriteAsync(stoppingToken), stoppingToken);
                await RestAsync(stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                break;
            }
            catch (Exception exception)
            {
                // Whatever it is, sessions do not depend on the ledger.
                var delay = _backoff.Next();
                LastError = exception.Message;
                _atRisk = true;
                Log.WriteFailed(_logger, _pending.Count, delay, LastError);
                await SetAsideAsync(Task.Delay(delay, _time, stoppingToken), stoppingToken);
            }
        }

        await FlushAsync();
    }

    private static GrantedEntry Entry(TkaSignin signin, DateTimeOffset from, DateTimeOffset until) => new(
        signin.Metadata.Uid,
        signin.Metadata.Name,
        signin.Spec.Username,
        signin.Spec.Node?.Name,
        new LedgerGrant { Role = signin.Spec.Role, Namespaces = signin.Namespaces(), From = from, Until = until });

    /// <summary>What the status says it had, if the spec still says the same.</summary>
    private static GrantedEntry? LastGrantOf(TkaSignin signin) =>
        signin.Status is { Provisioned: true } status

        // Asking for the deletion counts as a generation of its own.
        && status.ObservedGeneration + (signin.Metadata.DeletionTimestamp is null ? 0 : 1) == signin.Metadata.Generation
        && UtcTimeConverter.TryParse(status.SignedIn, out var from)
        && signin.ValidUntil() is { } until
            ? Entry(signin, from, until)
            : null;

    /// <summary>Writes what there is to write now.</summary>
    private async Task WriteAsync(CancellationToken cancellationToken)
    {
        await LoadOutboxAsync(cancellationToken);
        if (_replayWanted)
        {
            await ReplayAsync(cancellationToken);
            _replayWanted = false;
        }

        if (_pending.Count > 0)
        {
            await _store.WriteAsync(_pending.Peek(SessionsPerBatch), _pending.Written, cancellationToken);
        }

        LastError = null;
        _atRisk = false;
        _backoff.Reset();
        if (!_outbox.IsEmpty)
        {
            await _outbox.SaveAsync(_pending.OnlyHere(), cancellationToken);
        }
    }

    /// <summary>Waits until there is something to write.</summary>
    private async Task RestAsync(CancellationToken cancellationToken)
    {
        var next = _pending.NextAsync();
        if (_pending.Count > 0 || _replayWanted)
        {
            return;
        }

        if (_advanced != default && _time.GetUtcNow() - _advanced > AdvancePeriod)
        {
            await AdvanceAsync(cancellationToken);
        }

        using var wait = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        await Task.WhenAny(next, Task.Delay(TimeSpan.FromMinutes(1), _time, wait.Token));
        await wait.CancelAsync();
        cancellationToken.ThrowIfCancellationRequested();
    }

    /// <summary>Saves pending entries in the cluster while writing takes long.</summary>
    private async Task WatchedAsync(Task writing, CancellationToken cancellationToken)
    {
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        if (await Task.WhenAny(writing, Task.Delay(Slow, _time, enough.Token)) != writing)
        {
            _atRisk = true;
            await SetAsideAsync(writing, cancellationToken);
        }

        await enough.CancelAsync();
        await writing;
    }

    /// <summary>Keeps in the cluster what only this process knows, as it comes, until something else is to be done.</summary>
    private async Task SetAsideAsync(Task until, CancellationToken cancellationToken)
    {
        try
        {
            while (!until.IsCompleted)
            {
                var next = _pending.NextAsync();
                await LoadOutboxAsync(cancellationToken);
                await _outbox.SaveAsync(_pending.OnlyHere(), cancellationToken);
                if (await Task.WhenAny(until, next) == next)
                {
                    await Task.WhenAny(until, Task.Delay(Gather, _time, cancellationToken));
                }
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The flush at the end sees to it.
        }
    }

    /// <summary>Takes over what another process has left, or another leader has written at the same moment.</summary>
    private async Task LoadOutboxAsync(CancellationToken cancellationToken)
    {
        if (_outbox.IsToBeRead)
        {
            _pending.AddEarlier(await _outbox.LoadAsync(cancellationToken));
        }
    }

    /// <summary>
    /// After a time away: enters the living sessions that the ledger may have missed, and closes records of sessions that ended
    /// meanwhile. What those left in the cluster is found by label and removed by the reconciler.
    /// </summary>
    private async Task ReplayAsync(CancellationToken cancellationToken)
    {
        var now = _time.GetUtcNow();
        var living = new HashSet<string>(StringComparer.Ordinal);
        foreach (var signin in _signins.List())
        {
            living.Add(signin.Metadata.Uid);
            var window = SessionWindow.Of(signin, now);
            if (signin.IsReady() && !window.IsOver(now))
            {
                Granted(signin, window);
            }
        }

        foreach (var record in await _store.OpenAsync(_options.MaxPeriod, cancellationToken))
        {
            if (!living.Contains(record.Uid) && _pending.CountOf(record.Uid) == 0)
            {
                var expired = record.Until <= now;
                _pending.Add(new EndedEntry(record.Uid, record.Name, expired ? SessionEndings.Expired : SessionEndings.Vanished, expired ? record.Until : now));
            }
        }

        await AdvanceAsync(cancellationToken);
    }

    private async Task AdvanceAsync(CancellationToken cancellationToken)
    {
        await _store.AdvanceAsync(cancellationToken);
        _advanced = _time.GetUtcNow();
    }

    /// <summary>The last entries of a stopping operator, into the ledger or into the outbox.</summary>
    private async Task FlushAsync()
    {
        using var deadline = new CancellationTokenSource(FlushTimeout, TimeProvider.System);
        try
        {
            while (_pending.Count > 0)
            {
                await _store.WriteAsync(_pending.Peek(SessionsPerBatch), _pending.Written, deadline.Token);
            }
        }
        catch (Exception)
        {
            Log.FlushFailed(_logger, _pending.Count);
        }

        using var last = new CancellationTokenSource(FlushTimeout, TimeProvider.System);
        try
        {
            await _outbox.SaveAsync(_pending.OnlyHere(), last.Token);
        }
        catch (OperationCanceledException)
        {
            // That was the time there was.
        }
    }
}
