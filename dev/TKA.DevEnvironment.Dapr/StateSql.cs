using Microsoft.Data.Sqlite;

namespace TKA.DevEnvironment.Dapr;

/// <summary>The statements of <see cref="StateDatabase"/>.</summary>
internal static class StateSql
{
    public const string Schema = """
        PRAGMA journal_mode = WAL;
        PRAGMA synchronous = NORMAL;
        CREATE TABLE IF NOT EXISTS entries (
            store TEXT NOT NULL,
            key TEXT NOT NULL,
            value BLOB NOT NULL,
            etag TEXT NOT NULL,
            expires INTEGER,
            first_write INTEGER NOT NULL,
            PRIMARY KEY (store, key)
        ) WITHOUT ROWID;
        CREATE TABLE IF NOT EXISTS sequence (value INTEGER NOT NULL);
        INSERT INTO sequence SELECT 700 WHERE NOT EXISTS (SELECT 1 FROM sequence);
        """;

    public static List<StateEntry> Select(SqliteConnection connection, string store, IReadOnlyCollection<string> keys, string order, long now)
    {
        var names = keys.Select((key, i) => (Name: $"$key{i}", Value: (object)key)).ToList();
        using var command = Command(
            connection,
            $"""
            SELECT key, value, etag, expires, first_write FROM entries
            WHERE store = $store AND key IN ({string.Join(", ", names.Select(key => key.Name))}) AND (expires IS NULL OR expires > $now) ORDER BY {order}
            """,
            [("$store", store), ("$now", now), .. names]);
        using var reader = command.ExecuteReader();
        var found = new List<StateEntry>();
        while (reader.Read())
        {
            var expires = reader.IsDBNull(3) ? (DateTimeOffset?)null : DateTimeOffset.FromUnixTimeMilliseconds(reader.GetInt64(3));
            found.Add(new StateEntry(reader.GetString(0), reader.GetFieldValue<byte[]>(1), reader.GetString(2), expires, reader.GetBoolean(4)));
        }

        return found;
    }

    public static void Put(SqliteConnection connection, string store, StateEntry entry) => Execute(
        connection,
        """
        INSERT OR REPLACE INTO entries (store, key, value, etag, expires, first_write)
        VALUES ($store, $key, $value, $etag, $expires, $first)
        """,
        ("$store", store),
        ("$key", entry.Key),
        ("$value", entry.Value),
        ("$etag", entry.Etag),
        ("$expires", entry.Expires is { } expires ? expires.ToUnixTimeMilliseconds() : DBNull.Value),
        ("$first", entry.FirstWrite));

    public static void Delete(SqliteConnection connection, string store, string key) =>
        Execute(connection, "DELETE FROM entries WHERE store = $store AND key = $key", ("$store", store), ("$key", key));

    public static void DeleteExpired(SqliteConnection connection, long now) => Execute(connection, "DELETE FROM entries WHERE expires <= $now", ("$now", now));

    /// <summary>A number that is larger with every call, also after a restart.</summary>
    public static long NextSequence(SqliteConnection connection)
    {
        using var command = Command(connection, "UPDATE sequence SET value = value + 1 RETURNING value", []);
        return (long)command.ExecuteScalar()!;
    }

    public static void Execute(SqliteConnection connection, string sql, params ReadOnlySpan<(string Name, object Value)> parameters)
    {
        using var command = Command(connection, sql, parameters);
        command.ExecuteNonQuery();
    }

    private static SqliteCommand Command(SqliteConnection connection, string sql, ReadOnlySpan<(string Name, object Value)> parameters)
    {
        var command = connection.CreateCommand();
        command.CommandText = sql;
        foreach (var (name, value) in parameters)
        {
            command.Parameters.AddWithValue(name, value);
        }

        return command;
    }
}
