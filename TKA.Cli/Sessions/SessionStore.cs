using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using TKA.Cli.Errors;
using TKA.Cli.Output;
using TKA.Cli.Storage;

namespace TKA.Cli.Sessions;

/// <summary>The records of sessions on this machine, one file each under the state directory.</summary>
internal static class SessionStore
{
    private static string Records => Path.Combine(TkaPaths.State, "sessions");

    /// <summary>Directory of kubeconfigs with a token, mode 0700.</summary>
    public static string Kubeconfigs => Path.Combine(TkaPaths.State, "kubeconfigs");

    /// <summary>Id of the login at a server: the same for every login there, so that a new one replaces the old.</summary>
    public static string LoginId(string server, string? source) =>
        "login-" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{server}|{source}")))[..16];

    /// <summary>All records that can be read.</summary>
    public static List<SessionRecord> Load()
    {
        var records = new List<SessionRecord>();
        if (!Directory.Exists(Records))
        {
            return records;
        }

        foreach (var file in Directory.EnumerateFiles(Records, "*.json").Order(StringComparer.Ordinal))
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
                // Another run may just have removed it; one that is damaged says nothing we could act on.
            }
        }

        return records;
    }

    /// <summary>The login at a server.</summary>
    public static SessionRecord? FindLogin(string server, string? source)
    {
        var id = LoginId(server, source);
        return Load().Find(record => record.Id == id);
    }

    /// <summary>Saves a record.</summary>
    /// <exception cref="CliException">It cannot be written.</exception>
    public static void Save(SessionRecord record)
    {
        AtomicFile.CreatePrivateDirectory(Records);
        AtomicFile.Write(
            PathOf(record),
            JsonSerializer.SerializeToUtf8Bytes(record, CliJsonContext.Indented.SessionRecord),
            AtomicFile.Private,
            ErrorCodes.StateUnwritable);
    }

    /// <summary>Forgets a record.</summary>
    public static void Delete(SessionRecord record) => AtomicFile.TryDelete(PathOf(record));

    private static string PathOf(SessionRecord record) => Path.Combine(Records, record.Id + ".json");
}
