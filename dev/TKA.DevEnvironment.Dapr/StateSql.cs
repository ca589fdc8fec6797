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
        using var command = connection.CreateCommand();
        command.Parameters.AddWithValue("$store", store);
        command.Parameters.AddWithValue("$now", now);
        foreach (var key in keys)
        {
            command.Parameters.AddWithValue($"$key{command.Parameters.Count}", key);
        }

        var names = string.Join(", ", command.Parameters.Cast<SqliteParameter>().Skip(2).Select(parameter => parameter.ParameterName));
        command.CommandText = $"""
            SELECT key, value, etag, expires, first_write FROM entries
            WHERE store = $store AND key IN ({names}) AND (expires IS NULL OR expires > $now) ORDER BY {order}
            """;
        using var reader = command.ExecuteReader();
        var found = new List<StateEntry>();
        while (reader.Read())
        {
            var expires = reader.IsDBNull(3) ? (DateTimeOffset?)null : DateTimeOffset.FromUnixTimeMilliseconds(reader.GetInt64(3));
            found.Add(new StateEntry(reader.GetString(0), reader.GetFieldValue<byte[]>(1), reader.GetString(2), expires, reader.GetBoolean(4)));
        }

        return found;
    }

    public static void Put(SqliteConnection connection, string store, StateEntry entry)
    {
        using var command = connection.CreateCommand();
        command.CommandText = """
            INSERT OR REPLACE INTO entries (store, key, value, etag, expires, first_write)
            VALUES ($store, $key, $value, $etag, $expires, $first)
            """;
        command.Parameters.AddWithValue("$store", store);
        command.Parameters.AddWithValue("$key", entry.Key);
        command.Parameters.AddWithValue("$value", entry.Value);
        command.Parameters.AddWithValue("$etag", entry.Etag);
        command.Parameters.AddWithValue("$expires", entry.Expires is { } expires ? expires.ToUnixTimeMilliseconds() : DBNull.Value);
        command.Parameters.AddWithValue("$first", entry.FirstWrite);
        command.ExecuteNonQuery();
    }

    public static void Delete(SqliteConnection connection, string store, string key)
    {
        using var command = connection.CreateCommand();
        command.CommandText = "DELETE FROM entries WHERE store = $store AND key = $key";
        command.Parameters.AddWithValue("$store", store);
        command.Parameters.AddWithValue("$key", key);
        command.ExecuteNonQuery();
    }

    public static void DeleteExpired(SqliteConnection connection, long now)
    {
        using var command = connection.CreateCommand();
        command.CommandText = "DELETE FROM entries WHERE expires <= $now";
        command.Parameters.AddWithValue("$now", now);
        command.ExecuteNonQuery();
    }

    /// <summary>A number that is larger with every call, also after a restart.</summary>
    public static long NextSequence(SqliteConnection connection)
    {
        using var command = connection.CreateCommand();
        command.CommandText = "UPDATE sequence SET value = value + 1 RETURNING value";
        return (long)command.ExecuteScalar()!;
    }
}
