using Grpc.Core;
using Microsoft.Extensions.Options;
using TKA.Kubernetes.Caching;
using TKA.Kubernetes.Client;
using TKA.Kubernetes.Signins;
using TKA.Operator.Options;
using TKA.Operator.Sessions;
using TKA.Operator.Telemetry;

namespace TKA.Operator.Ledger;

/// <summary>The ledger kept in Dapr state, written behind: in order, with retry, and with no effect on sessions when Dapr is slow or away.</summary>
internal sealed class DaprLedger : BackgroundService, ISessionLedger
{
    private const int SessionsPerBatch = 200;
    private static readonly TimeSpan AdvancePeriod = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan FlushTimeout = TimeSpan.FromSeconds(2);

    private readonly LedgerBook _book;
    private readonly PendingEntries _pending = new();
    private readonly IResourceCache<TkaSignin> _signins;
    private readonly OperatorOptions _options;
    private readonly ClusterTime _time;
    private readonly ILogger _logger;
    private readonly JitteredBackoff _backoff = new(TimeSpan.FromMilliseconds(250), TimeSpan.FromSeconds(15));
    private volatile bool _replayWanted;
    private DateTimeOffset _advanced;

    public DaprLedger(
        LedgerBook book, IResourceCache<TkaSignin> signins, IOptions<OperatorOptions> options, OperatorMetrics metrics, ClusterTime time, ILogger<DaprLedger> logger)
    {
        _book = book;
        _signins = signins;
        _options = options.Value;
        _time = time;
        _logger = logger;
        metrics.WatchLedger(() => _pending.Count);
    }

    /// <summary>Sessions whose latest news are not written.</summary>
    public int Pending => _pending.Count;

    /// <summary>What keeps it from writing; <see langword="null"/>: nothing.</summary>
    public string? LastError { get; private set; }

    public void Granted(TkaSignin signin, SessionWindow window) => _pending.Add(new GrantedEntry(
        signin.Metadata.Uid,
        signin.Metadata.Name,
        signin.Spec.Username,
        signin.Spec.Node?.Name,
        new LedgerGrant { Role = signin.Spec.Role, Namespaces = signin.Namespaces(), From = window.Start, Until = window.End }));

    public void Ended(string uid, string name, string how, DateTimeOffset at) => _pending.Add(new EndedEntry(uid, name, how, at));

    public void Replay() => _replayWanted = true;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Task.Yield();
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await StepAsync(stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                break;
            }
            catch (Exception e) when (e is Dapr.DaprException or RpcException or OperationCanceledException or HttpRequestException)
            {
                var delay = _backoff.Next();
                LastError = e.InnerException is RpcException rpc ? rpc.Status.Detail : e.Message;
                Log.WriteFailed(_logger, _pending.Count, delay, LastError);
                await Task.Delay(delay, _time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }

        await FlushAsync();
    }

    private async Task StepAsync(CancellationToken cancellationToken)
    {
        if (_replayWanted)
        {
            await ReplayAsync(cancellationToken);
            _replayWanted = false;
        }

        if (_pending.Count > 0)
        {
            await _book.WriteAsync(_pending.Peek(SessionsPerBatch), _pending.Written, cancellationToken);
        }

        LastError = null;
        _backoff.Reset();
        if (_pending.Count > 0)
        {
            return;
        }

        if (_advanced != default && _time.GetUtcNow() - _advanced > AdvancePeriod)
        {
            await AdvanceAsync(cancellationToken);
        }

        await WaitForWorkAsync(cancellationToken);
    }

    /// <summary>
    /// After a time away: enters the living sessions that the books may have missed, and closes records of sessions that ended
    /// meanwhile. What those left in the cluster is found by label and removed by the reconciler.
    /// </summary>
    private async Task ReplayAsync(CancellationToken cancellationToken)
    {
        var now = _time.GetUtcNow();
        var living = new HashSet<string>(StringComparer.Ordinal);
        foreach (var signin in _signins.List())
        {
            living.Add(signin.Metadata.Uid);
            var window = SessionWindow.Of(signin, _options.EffectiveMaxPeriod, now);
            if (signin.IsReady() && !window.IsOver(now))
            {
                Granted(signin, window);
            }
        }

        foreach (var record in await _book.OpenAsync(_options.EffectiveMaxPeriod, cancellationToken))
        {
            if (!living.Contains(record.Uid) && !_pending.IsPending(record.Uid))
            {
                var expired = record.Until <= now;
                Ended(record.Uid, record.Name, expired ? SessionEndings.Expired : SessionEndings.Vanished, expired ? record.Until : now);
            }
        }

        await AdvanceAsync(cancellationToken);
    }

    private async Task AdvanceAsync(CancellationToken cancellationToken)
    {
        await _book.AdvanceAsync(cancellationToken);
        _advanced = _time.GetUtcNow();
    }

    private async Task WaitForWorkAsync(CancellationToken cancellationToken)
    {
        using var wait = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var tick = Task.Delay(TimeSpan.FromMinutes(1), _time, wait.Token);
        await Task.WhenAny(_pending.WaitAsync(wait.Token), tick);
        await wait.CancelAsync();
        cancellationToken.ThrowIfCancellationRequested();
    }

    /// <summary>The last news of a stopping operator; what is not written now is found out by the next replay.</summary>
    private async Task FlushAsync()
    {
        using var deadline = new CancellationTokenSource(FlushTimeout, TimeProvider.System);
        try
        {
            while (_pending.Count > 0)
            {
                await _book.WriteAsync(_pending.Peek(SessionsPerBatch), _pending.Written, deadline.Token);
            }
        }
        catch (Exception e) when (e is Dapr.DaprException or RpcException or OperationCanceledException or HttpRequestException)
        {
            Log.FlushFailed(_logger, _pending.Count);
        }
    }
}
