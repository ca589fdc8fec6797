using Microsoft.Data.Sqlite;

namespace TKA.DevEnvironment.Dapr;

/// <summary>The rows of all state stores in one SQLite file. SQLite has one writer; so has this.</summary>
internal sealed class StateDatabase : IDisposable
{
    private static readonly TimeSpan CleanupInterval = TimeSpan.FromHours(1);

    private readonly string _connectionString;
    private readonly StoreRules _rules;
    private readonly TimeProvider _time;
    private readonly Lock _writer = new();
    private readonly SqliteConnection _write;
    private readonly ITimer _cleanup;

    private StateDatabase(string path, StoreRules rules, TimeProvider time)
    {
        _rules = rules;
        _time = time;
        _connectionString = new SqliteConnectionStringBuilder { DataSource = path, Pooling = true, DefaultTimeout = 5 }.ToString();
        _write = new SqliteConnection(_connectionString);
        _write.Open();
        StateSql.Execute(_write, StateSql.Schema);
        _cleanup = time.CreateTimer(_ => RemoveExpired(), null, TimeSpan.Zero, CleanupInterval);
    }

    private long Now => _time.GetUtcNow().ToUnixTimeMilliseconds();

    /// <exception cref="IOException">The database cannot be opened.</exception>
    public static StateDatabase Open(string path, StoreRules rules, TimeProvider time)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
        try
        {
            return new StateDatabase(path, rules, time);
        }
        catch (SqliteException exception)
        {
            throw new IOException($"Cannot open the state database {path}: {exception.Message}", exception);
        }
    }

    public StateEntry? Get(string storeName, string key) => GetMany(storeName, [key]) is [var entry] ? entry : null;

    /// <summary>The rows that exist, each once, in the order of the store.</summary>
    public IReadOnlyList<StateEntry> GetMany(string storeName, IReadOnlyCollection<string> keys)
    {
        using var connection = new SqliteConnection(_connectionString);
        connection.Open();
        return StateSql.Select(connection, storeName, keys, _rules.RowOrder, Now);
    }

    /// <summary>Writes all changes in order; when one is refused, those before it are undone if the store can do that.</summary>
    /// <exception cref="StateRefusedException">A change was refused.</exception>
    public void ApplyAll(IReadOnlyList<StateChange> changes)
    {
        lock (_writer)
        {
            using var transaction = _write.BeginTransaction();
            StateRefusedException? refused = null;
            foreach (var change in changes)
            {
                try
                {
                    Apply(change);
                }
                catch (StateRefusedException exception) when (!_rules.RollsBack)
                {
                    refused ??= exception;
                }
            }

            transaction.Commit();
            if (refused is not null)
            {
                throw refused;
            }
        }
    }

    public void Dispose()
    {
        _cleanup.Dispose();
        lock (_writer)
        {
            _write.Dispose();
        }

        using var connection = new SqliteConnection(_connectionString);
        SqliteConnection.ClearPool(connection);
    }

    private void Apply(StateChange change)
    {
        var current = StateSql.Select(_write, change.StoreName, [change.Key], _rules.RowOrder, Now).FirstOrDefault();
        var next = _rules.Apply(change, current, StateSql.NextSequence(_write), _time.GetUtcNow());
        if (next is null)
        {
            StateSql.Delete(_write, change.StoreName, change.Key);
        }
        else
        {
            StateSql.Put(_write, change.StoreName, next);
        }
    }

    private void RemoveExpired()
    {
        lock (_writer)
        {
            if (_write.State == System.Data.ConnectionState.Open)
            {
                StateSql.DeleteExpired(_write, Now);
            }
        }
    }
}
