using Microsoft.Data.Sqlite;

namespace TKA.DevEnvironment.Dapr;

/// <summary>State in SQLite, with the semantics of Dapr's <c>state.sqlite</c>. SQLite has one writer; so has this.</summary>
internal sealed class SqliteStateStore : IDisposable
{
    private static readonly TimeSpan CleanupInterval = TimeSpan.FromHours(1);

    private readonly string _connectionString;
    private readonly TimeProvider _time;
    private readonly Lock _writer = new();
    private readonly SqliteConnection _write;
    private readonly ITimer _cleanup;

    private SqliteStateStore(string path, TimeProvider time)
    {
        _time = time;
        _connectionString = new SqliteConnectionStringBuilder { DataSource = path, Pooling = true, DefaultTimeout = 5 }.ToString();
        _write = new SqliteConnection(_connectionString);
        _write.Open();
        Execute("PRAGMA journal_mode = WAL");
        Execute("PRAGMA synchronous = NORMAL");
        Execute("""
            CREATE TABLE IF NOT EXISTS state (
                store TEXT NOT NULL,
                key TEXT NOT NULL,
                value BLOB NOT NULL,
                etag TEXT NOT NULL,
                expires INTEGER,
                PRIMARY KEY (store, key)
            ) WITHOUT ROWID
            """);
        _cleanup = time.CreateTimer(_ => RemoveExpired(), null, TimeSpan.Zero, CleanupInterval);
    }

    private long Now => _time.GetUtcNow().ToUnixTimeMilliseconds();

    /// <exception cref="IOException">The database cannot be opened.</exception>
    public static SqliteStateStore Open(string path, TimeProvider time)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
        try
        {
            return new SqliteStateStore(path, time);
        }
        catch (SqliteException exception)
        {
            throw new IOException($"Cannot open the state database {path}: {exception.Message}", exception);
        }
    }

    public StateEntry? Get(string storeName, string key)
    {
        using var connection = new SqliteConnection(_connectionString);
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT value, etag, expires FROM state WHERE store = $store AND key = $key AND (expires IS NULL OR expires > $now)";
        command.Parameters.AddWithValue("$store", storeName);
        command.Parameters.AddWithValue("$key", key);
        command.Parameters.AddWithValue("$now", Now);
        using var reader = command.ExecuteReader();
        return reader.Read()
            ? new StateEntry(
                reader.GetFieldValue<byte[]>(0),
                reader.GetString(1),
                reader.IsDBNull(2) ? null : DateTimeOffset.FromUnixTimeMilliseconds(reader.GetInt64(2)))
            : null;
    }

    /// <summary>Writes all changes, or none.</summary>
    /// <exception cref="EtagMismatchException">A row is not as its writer expects.</exception>
    public void ApplyAll(IReadOnlyList<StateChange> changes)
    {
        lock (_writer)
        {
            using var transaction = _write.BeginTransaction();
            foreach (var change in changes)
            {
                using var command = _write.CreateCommand();
                command.Transaction = transaction;
                Write(command, change);
            }

            transaction.Commit();
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

    private void Write(SqliteCommand command, StateChange change)
    {
        command.Parameters.AddWithValue("$store", change.StoreName);
        command.Parameters.AddWithValue("$key", change.Key);
        command.Parameters.AddWithValue("$now", Now);
        if (change.Etag is not null)
        {
            command.Parameters.AddWithValue("$etag", change.Etag);
        }

        if (change.Value is null)
        {
            command.CommandText = change.Etag is null
                ? "DELETE FROM state WHERE store = $store AND key = $key"
                : "DELETE FROM state WHERE store = $store AND key = $key AND etag = $etag AND (expires IS NULL OR expires > $now)";
        }
        else
        {
            command.Parameters.AddWithValue("$value", change.Value);
            command.Parameters.AddWithValue("$new", Guid.NewGuid().ToString());
            command.Parameters.AddWithValue("$expires", change.TimeToLive is { } life ? Now + (long)life.TotalMilliseconds : DBNull.Value);
            command.CommandText = (change.Etag, change.FirstWrite) switch
            {
                (not null, _) => """
                    UPDATE state SET value = $value, etag = $new, expires = $expires
                    WHERE store = $store AND key = $key AND etag = $etag AND (expires IS NULL OR expires > $now)
                    """,

                // A row that has expired and is not yet removed counts as absent.
                (null, true) => """
                    INSERT INTO state (store, key, value, etag, expires) VALUES ($store, $key, $value, $new, $expires)
                    ON CONFLICT (store, key) DO UPDATE SET value = $value, etag = $new, expires = $expires WHERE expires <= $now
                    """,
                _ => "INSERT OR REPLACE INTO state (store, key, value, etag, expires) VALUES ($store, $key, $value, $new, $expires)",
            };
        }

        var rows = command.ExecuteNonQuery();
        if (rows == 0 && (change.Etag is not null || change is { Value: not null, FirstWrite: true }))
        {
            throw new EtagMismatchException();
        }
    }

    private void RemoveExpired()
    {
        lock (_writer)
        {
            if (_write.State != System.Data.ConnectionState.Open)
            {
                return;
            }

            using var command = _write.CreateCommand();
            command.CommandText = "DELETE FROM state WHERE expires <= $now";
            command.Parameters.AddWithValue("$now", Now);
            command.ExecuteNonQuery();
        }
    }

    private void Execute(string sql)
    {
        using var command = _write.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }
}
