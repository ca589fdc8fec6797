using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using TKA.Cli.Errors;
using TKA.Cli.Output;
using TKA.Cli.Storage;

namespace TKA.Cli.Sessions;

/// <summary>The records of sessions on this machine, one file each under the state directory, keyed by server, person and role.</summary>
internal static class SessionStore
{
    private static readonly TimeSpan LockLimit = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan LockPause = TimeSpan.FromMilliseconds(10);

    private static string Records => Path.Combine(TkaPaths.State, "sessions");

    /// <summary>Directory of kubeconfigs with a token, mode 0700.</summary>
    public static string Kubeconfigs => Path.Combine(TkaPaths.State, "kubeconfigs");

    /// <summary>Id of a login's record: the same for every login of that person, server and role, so that a new one replaces the old.</summary>
    /// <param name="server">URL of the TKA server.</param>
    /// <param name="source">Local address it is reached from, when one was chosen.</param>
    /// <param name="username">Full login name.</param>
    /// <param name="role">Role of a session beside the base session; null: the base session.</param>
    public static string LoginId(string server, string? source, string username, string? role) =>
        "login-" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{server}|{source}|{username}|{role}")))[..8];

    /// <summary>All records that can be read. Commands that only read work without the directory, so one that may not be entered holds none.</summary>
    public static List<SessionRecord> Load()
    {
        var records = new List<SessionRecord>();
        foreach (var file in Files())
        {
            try
            {
                if (JsonSerializer.Deserialize(File.ReadAllText(file), CliJsonContext.Default.SessionRecord) is { } record
                    && record.Id == Path.GetFileNameWithoutExtension(file))
                {
                    records.Add(record);
                }
            }
            catch (Exception exception) when (exception is JsonException or IOException or UnauthorizedAccessException)
            {
                // Another run may just have removed the file; a damaged one says nothing that could be acted on.
            }
        }

        return records;
    }

    /// <summary>The records of logins at any server from this local address.</summary>
    public static List<SessionRecord> Logins(string? source) => Load().FindAll(record => !record.IsShell && record.Source == source);

    /// <summary>The login at a server with that role; when records of several persons are there, the one that lives longest.</summary>
    /// <param name="server">URL of the TKA server.</param>
    /// <param name="source">Local address it is reached from, when one was chosen.</param>
    /// <param name="role">Role of a session beside the base session; null: the base session.</param>
    /// <param name="username">Full login name; null: any.</param>
    public static SessionRecord? FindLogin(string server, string? source, string? role = null, string? username = null) => Logins(source)
        .FindAll(record => record.Server == server && record.RoleKey == role && (username is null || record.Username == username))
        .MaxBy(record => record.Until);

    /// <summary>Saves a record. That of an earlier login of the same session is replaced, whatever its name.</summary>
    /// <exception cref="CliException">It cannot be written.</exception>
    public static void Save(SessionRecord record)
    {
        AtomicFile.CreatePrivateDirectory(Records);
        AtomicFile.Write(
            PathOf(record),
            JsonSerializer.SerializeToUtf8Bytes(record, CliJsonContext.Indented.SessionRecord),
            AtomicFile.Private,
            ErrorCodes.StateUnwritable);
        if (record.IsShell)
        {
            return;
        }

        foreach (var earlier in Load().Where(other => !other.IsShell && other.Id != record.Id && other.SameSession(record)))
        {
            Delete(earlier);
        }
    }

    /// <summary>Forgets a record.</summary>
    public static void Delete(SessionRecord record) => AtomicFile.TryDelete(PathOf(record));

    /// <summary>Waits until no other run decides over sessions. After 2 s it goes on all the same: a shell's end must not hang.</summary>
    public static async Task<IDisposable?> LockAsync(TimeProvider clock)
    {
        var started = clock.GetTimestamp();
        while (clock.GetElapsedTime(started) < LockLimit)
        {
            try
            {
                return new FileStream(Path.Combine(Records, ".lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, 1, FileOptions.DeleteOnClose);
            }
            catch (IOException exception) when (FileErrors.IsInUse(exception))
            {
                await Task.Delay(LockPause, clock);
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                return null;
            }
        }

        return null;
    }

    private static string[] Files()
    {
        try
        {
            return Directory.Exists(Records) ? [.. Directory.EnumerateFiles(Records, "*.json").Order(StringComparer.Ordinal)] : [];
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    /// <summary>Makes sure that records can be read and written.</summary>
    /// <exception cref="CliException">They cannot; the message names the directory and its owner.</exception>
    public static void EnsureUsable()
    {
        AtomicFile.CreatePrivateDirectory(Records);
        var probe = Path.Combine(Records, $".probe-{Environment.ProcessId}");
        AtomicFile.Write(probe, "x"u8, AtomicFile.Private, ErrorCodes.StateUnwritable);
        AtomicFile.TryDelete(probe);
    }

    private static string PathOf(SessionRecord record) => Path.Combine(Records, record.Id + ".json");
}
