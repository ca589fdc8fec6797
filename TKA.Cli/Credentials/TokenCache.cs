using System.Text.Json;
using TKA.Cli.Client;
using TKA.Cli.Errors;
using TKA.Cli.Sessions;
using TKA.Cli.Storage;
using TKA.Cli.Terminal;
using TKA.Contracts;

namespace TKA.Cli.Credentials;

/// <summary>
/// Tokens for <c>tka credential</c>, one file for each server and role (mode 0600 in a directory of mode 0700) that says whose it is, with a
/// lock file beside it so that of many processes that find no token one asks the server and the others take its answer. Where the files
/// cannot be written there is no cache, and each process asks for itself.
/// </summary>
/// <param name="server">URL of the TKA server.</param>
/// <param name="source">Local address it is reached from: another one is another person.</param>
/// <param name="role">Role asked for; null: the base session.</param>
internal sealed class TokenCache(string server, string? source, string? role)
{
    private const int MaxServedBytes = 64 * 1024;

    /// <summary>How long before its real end a token is reported and treated as over.</summary>
    public static readonly TimeSpan Early = TimeSpan.FromMinutes(1);

    // client-go asks again at once after a 401. A token younger than this was made in answer to just that.
    private static readonly TimeSpan SurelyFresh = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan LockPause = TimeSpan.FromMilliseconds(10);

    private readonly string _path = Path.Combine(Root, $"{Prefix(server, source)}-{StableHash.Of(role ?? "")}.json");
    private readonly string _owner = $"{server}|{source}|{role}";

    private static string Root => Path.Combine(TkaPaths.Cache, "tokens");

    private string FailedPath => Path.ChangeExtension(_path, ".failed");

    private string ServedPath => Path.ChangeExtension(_path, ".served");

    /// <summary>The token, if there is one with time left and the device still belongs to the person it was fetched for.</summary>
    public CachedToken? Find(DateTimeOffset now) =>
        Read() is { } cached && cached.Expires > now && cached.Issued <= now + Early && cached.Device?.HasChanged() is not true ? cached : null;

    /// <summary>Whether a process asks again for a token that it has: the cluster may have refused it (401), or the process keeps no tokens.</summary>
    /// <remarks>client-go keeps a token in memory until it expires and asks again after a 401; other clients ask for each of their connections.</remarks>
    public bool IsAskedAgain(CachedToken token, string? caller, DateTimeOffset now) =>
        caller is not null && now - token.Issued > SurelyFresh && WasServed(token, caller);

    /// <summary>Remembers that a process was given this token.</summary>
    public void Served(CachedToken token, string? caller)
    {
        if (caller is null)
        {
            return;
        }

        try
        {
            if (new FileInfo(ServedPath) is { Exists: true, Length: > MaxServedBytes })
            {
                // The file is read on every call, so it stays short. A process that is forgotten gets a refused token once more.
                File.Delete(ServedPath);
            }

            File.AppendAllText(ServedPath, $"{token.Id} {caller}\n");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // Only a 401 would go unnoticed until the token's end.
        }
    }

    /// <summary>Keeps a token, where that is possible.</summary>
    public void Save(CachedToken token)
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            writer.WriteString("for", _owner);
            writer.WriteString("user", token.User);
            writer.WriteString("issued", UtcTimeConverter.ToText(token.Issued));
            writer.WriteString("expires", UtcTimeConverter.ToText(token.Expires));
            if (token.SessionUntil is { } until)
            {
                writer.WriteString("session_until", UtcTimeConverter.ToText(until));
            }

            if (token.Device is { } device)
            {
                writer.WriteString("tailscaled", device.Socket);
                writer.WriteString("device", device.Id);
            }

            writer.WriteString("token", token.Token);
            writer.WriteEndObject();
        }

        try
        {
            AtomicFile.CreatePrivateDirectory(Root);
            AtomicFile.Write(_path, buffer.ToArray(), AtomicFile.Private, ErrorCodes.StateUnwritable);
            AtomicFile.TryDelete(ServedPath);
        }
        catch (CliException)
        {
            // The token is good without a cache: the next process asks again.
        }
    }

    /// <summary>Waits for this process's turn to ask the server; null: there is no cache, so there are no turns.</summary>
    public async Task<IDisposable?> LockAsync(TimeProvider clock, CancellationToken cancellationToken)
    {
        var path = Path.ChangeExtension(_path, ".lock");
        while (true)
        {
            try
            {
                AtomicFile.CreatePrivateDirectory(Root);

                // flock(2) underneath: the system lets go of it when a process dies.
                return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException exception) when (FileErrors.IsInUse(exception))
            {
                await Task.Delay(LockPause, clock, cancellationToken);
            }
            catch (Exception exception) when (exception is CliException or IOException or UnauthorizedAccessException)
            {
                return null;
            }
        }
    }

    /// <summary>Remembers that the server could not be reached, for those who wait their turn meanwhile.</summary>
    public void Failed(CliException error)
    {
        try
        {
            File.WriteAllLines(FailedPath, [error.Code, .. new[] { error.Message }.Concat(error.Advice).Select(SafeText.Clean)]);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // Then the next one finds out by itself.
        }
    }

    /// <summary>How another process failed to reach the server since this one began to wait; null: none did.</summary>
    /// <remarks>Without it ten kubectl at once would find out one after the other, each after the full time limit.</remarks>
    public CliException? FailureSince(DateTimeOffset began)
    {
        try
        {
            return File.GetLastWriteTimeUtc(FailedPath) >= began.UtcDateTime && File.ReadAllLines(FailedPath) is [var code, var message, .. var advice]
                ? new CliException(code, ExitCode.Unreachable, message, advice)
                : null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>Drops the token: its session ended, or begins anew.</summary>
    public void Drop() => DropFiles(Path.GetFileNameWithoutExtension(_path));

    /// <summary>Drops all tokens for a server: all its sessions ended.</summary>
    public static void DropAll(string server, string? source) => DropFiles(Prefix(server, source));

    /// <summary>Drops the tokens of everybody but the person that the server says this device belongs to.</summary>
    public static void DropOthers(string server, string? source, string username)
    {
        foreach (var file in Files(Prefix(server, source) + "-*.json"))
        {
            if (Read(file, owner: null) is { User.Length: > 0 } token && token.User != username)
            {
                DropFiles(Path.GetFileNameWithoutExtension(file));
            }
        }
    }

    /// <summary>
    /// The process that asks, told from a later one of the same number. Null where that cannot be found out, and for whoever does not
    /// call as client-go does.
    /// </summary>
    public static string? Caller() => Environment.GetEnvironmentVariable(ExecCredentialWriter.Variable) is { Length: > 0 } ? ProcessIdentity.Parent() : null;

    private static string Prefix(string server, string? source) => StableHash.Of($"{server}|{source}");

    // Not the lock: another process may hold it.
    private static void DropFiles(string prefix)
    {
        foreach (var file in Files(prefix + "*").Where(file => !file.EndsWith(".lock", StringComparison.Ordinal)))
        {
            AtomicFile.TryDelete(file);
        }
    }

    private static string[] Files(string pattern)
    {
        try
        {
            return Directory.Exists(Root) ? Directory.GetFiles(Root, pattern) : [];
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    private CachedToken? Read() => Read(_path, _owner);

    private static CachedToken? Read(string path, string? owner)
    {
        try
        {
            if (!FileOwner.IsTrusted(path))
            {
                return null;
            }

            using var document = JsonDocument.Parse(File.ReadAllBytes(path));
            var root = document.RootElement;
            return (owner is null || root.GetProperty("for").GetString() == owner)
                && UtcTimeConverter.TryParse(root.GetProperty("expires").GetString(), out var expires)
                && UtcTimeConverter.TryParse(root.GetProperty("issued").GetString(), out var issued)
                && root.GetProperty("token").GetString() is { Length: > 0 } token
                    ? new CachedToken(
                        token,
                        expires,
                        issued,
                        root.TryGetProperty("user", out var user) ? user.GetString() ?? "" : "",
                        root.TryGetProperty("session_until", out var text) && UtcTimeConverter.TryParse(text.GetString(), out var until) ? until : null,
                        root.TryGetProperty("tailscaled", out var socket) && root.TryGetProperty("device", out var device)
                            ? new LocalDevice(socket.GetString() ?? "", device.GetString() ?? "")
                            : null)
                    : null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or JsonException or KeyNotFoundException or InvalidOperationException)
        {
            return null;
        }
    }

    private bool WasServed(CachedToken token, string caller)
    {
        try
        {
            return File.ReadLines(ServedPath).Contains($"{token.Id} {caller}", StringComparer.Ordinal);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }
}
