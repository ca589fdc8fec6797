using System.Collections.Frozen;
using System.IO.Compression;
using System.Text.Json;
using k8s.Models;
using TKA.Kubernetes.Client;

namespace TKA.Operator.Ledger;

/// <summary>
/// Where entries wait that only this process knows, while the ledger's store is away: a ConfigMap that <c>deploy/</c> ships empty, so that no
/// right to create one is needed. Written only then, emptied afterwards, read by the next leader. Holds no credential.
/// </summary>
internal sealed class LedgerOutbox(ResourceClient<V1ConfigMap> configMaps, ILogger<LedgerOutbox> logger) : IDisposable
{
    public const string Name = "tka-operator-outbox";

    /// <summary>A ConfigMap may have 1 MiB. That is some 10,000 sessions, compressed.</summary>
    internal const int MaxBytes = 900 * 1024;

    private const string Key = "entries.json.gz";

    private readonly SemaphoreSlim _turn = new(1);
    private V1ConfigMap? _known;
    private FrozenDictionary<string, int> _saved = FrozenDictionary<string, int>.Empty;
    private bool _warned;

    /// <summary>Whether another process may have left something in it.</summary>
    public bool IsToBeRead { get; private set; }

    /// <summary>Whether it could be used the last time.</summary>
    public bool IsUsable { get; private set; } = true;

    /// <summary>Whether nothing is in it, as far as known.</summary>
    public bool IsEmpty => _known?.BinaryData is not { Count: > 0 };

    /// <summary>Whether it holds so many entries of a session.</summary>
    public bool Holds(string uid, int entries) => _saved.TryGetValue(uid, out var saved) && saved >= entries;

    /// <summary>From now on this process is the one that writes it; it may hold what another has left.</summary>
    public void TakeOver() => IsToBeRead = true;

    public void Dispose() => _turn.Dispose();

    /// <summary>What is in it.</summary>
    public async Task<IReadOnlyList<LedgerEntry>> LoadAsync(CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken);
        try
        {
            _known = await configMaps.GetAsync(Name, cancellationToken);
            (IsToBeRead, IsUsable) = (false, true);
            return _known.BinaryData is { } data && data.TryGetValue(Key, out var bytes) ? Unpack(bytes) : [];
        }
        catch (KubernetesRequestException exception)
        {
            // An older deploy/ does not have it: no use in asking again and again.
            IsToBeRead = exception.Error is not (KubernetesError.NotFound or KubernetesError.Forbidden);
            Fail(exception);
            return [];
        }
        catch (Exception exception) when (exception is JsonException or InvalidDataException or NotSupportedException)
        {
            // Not written by the operator, or by a later version of it: it will be overwritten.
            Log.OutboxUnreadable(logger, exception.Message);
            return [];
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>Makes this the content. Load first.</summary>
    public async Task SaveAsync(IReadOnlyList<IReadOnlyList<LedgerEntry>> sessions, CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken);
        try
        {
            if (_known is { } current && !IsContent(sessions))
            {
                await ReplaceAsync(current, sessions, cancellationToken);
            }
        }
        catch (KubernetesRequestException exception) when (exception.Error == KubernetesError.Conflict)
        {
            // Another leader wrote it, for a moment there may be two: read what it says before writing again.
            IsToBeRead = true;
        }
        catch (KubernetesRequestException exception)
        {
            Fail(exception);
        }
        finally
        {
            _turn.Release();
        }
    }

    private async Task ReplaceAsync(V1ConfigMap current, IReadOnlyList<IReadOnlyList<LedgerEntry>> sessions, CancellationToken cancellationToken)
    {
        _known = await configMaps.ReplaceAsync(
            new V1ConfigMap
            {
                Metadata = current.Metadata,
                Data = current.Data,
                BinaryData = sessions.Count == 0 ? null : new Dictionary<string, byte[]> { [Key] = PackWhatFits(sessions) },
            },
            cancellationToken);
        _saved = sessions.ToFrozenDictionary(entries => entries[0].Uid, entries => entries.Count);
        IsUsable = true;
        _warned = false;
    }

    private bool IsContent(IReadOnlyList<IReadOnlyList<LedgerEntry>> sessions) =>
        sessions.Count == 0 ? IsEmpty : sessions.Count == _saved.Count && sessions.All(entries => Holds(entries[0].Uid, entries.Count));

    internal static byte[] Pack(IEnumerable<LedgerEntry> entries)
    {
        using var packed = new MemoryStream();
        using (var zip = new GZipStream(packed, CompressionLevel.Optimal))
        {
            JsonSerializer.Serialize(zip, entries.ToList(), LedgerJsonContext.Default.ListLedgerEntry);
        }

        return packed.ToArray();
    }

    private static List<LedgerEntry> Unpack(byte[] bytes)
    {
        using var zip = new GZipStream(new MemoryStream(bytes), CompressionMode.Decompress);
        return JsonSerializer.Deserialize(zip, LedgerJsonContext.Default.ListLedgerEntry) ?? [];
    }

    private byte[] PackWhatFits(IReadOnlyList<IReadOnlyList<LedgerEntry>> sessions)
    {
        var bytes = Pack(sessions.SelectMany(entries => entries));
        for (var dropped = 0; bytes.Length > MaxBytes; bytes = Pack(sessions.Skip(dropped).SelectMany(entries => entries)))
        {
            dropped += (sessions.Count / 10) + 1;
            Log.OutboxFull(logger, dropped);
        }

        return bytes;
    }

    private void Fail(KubernetesRequestException e)
    {
        IsUsable = false;
        if (!_warned)
        {
            _warned = true;
            Log.OutboxFailed(logger, Name, e.Message);
        }
    }
}
