using System.Text.Json;
using TKA.Cli.Errors;
using TKA.Cli.Sessions;
using TKA.Cli.Storage;
using TKA.Cli.Terminal;
using TKA.Contracts;

namespace TKA.Cli.Credentials;

/// <summary>
/// Tokens for <c>tka credential</c>, one file each (mode 0600 in a directory of mode 0700), with a lock file beside it so that
/// of many processes that find no token one asks the server and the others take its answer.
/// </summary>
/// <param name="server">URL of the TKA server.</param>
/// <param name="source">Local address it is reached from: another one is another person.</param>
/// <param name="role">Role asked for.</param>
internal sealed class TokenCache(string server, string? source, string? role)
{
    private const int MaxServedBytes = 64 * 1024;

    /// <summary>How long before its real end a token is reported and treated as over.</summary>
    public static readonly TimeSpan Early = TimeSpan.FromMinutes(1);

    // client-go asks again after a 401. A token younger than this was made in answer to just that.
    private static readonly TimeSpan SurelyFresh = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan LockPause = TimeSpan.FromMilliseconds(10);

    private readonly string _path = Path.Combine(Root, $"{Prefix(server, source)}-{StableHash.Of(role ?? "")}.json");
    private readonly string _owner = $"{server}|{source}|{role}";

    private static string Root => Path.Combine(TkaPaths.Cache, "tokens");

    private string FailedPath => Path.ChangeExtension(_path, ".failed");

    private string ServedPath => Path.ChangeExtension(_path, ".served");

    /// <summary>The token, if there is one with time left that this caller was not given before.</summary>
    /// <remarks>
    /// client-go keeps a token in memory until it expires. When the same process comes again while the token has time left, the
    /// cluster has refused it (401): then it is no longer any good.
    /// </remarks>
    public CachedToken? Find(DateTimeOffset now, string? caller)
    {
        if (Read() is not { } cached || cached.Expires <= now || cached.Issued > now + Early)
        {
            return null;
        }

        return caller is not null && now - cached.Issued > SurelyFresh && WasServed(cached, caller) ? null : cached;
    }

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
                // Read on every call, so it stays short. Who is forgotten gets a refused token once more.
                File.Delete(ServedPath);
            }

            File.AppendAllText(ServedPath, $"{token.Id} {caller}\n");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // Only a 401 would go unnoticed until the token's end.
        }
    }

    /// <summary>Keeps a token.</summary>
    public CachedToken Save(string token, DateTimeOffset expires, DateTimeOffset now)
    {
        var cached = new CachedToken(token, expires, now);
        AtomicFile.CreatePrivateDirectory(Root);
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            writer.WriteString("for", _owner);
            writer.WriteString("issued", UtcTimeConverter.ToText(now));
            writer.WriteString("expires", UtcTimeConverter.ToText(expires));
            writer.WriteString("token", token);
            writer.WriteEndObject();
        }

        AtomicFile.Write(_path, buffer.ToArray(), AtomicFile.Private, ErrorCodes.StateUnwritable);
        AtomicFile.TryDelete(ServedPath);
        return cached;
    }

    /// <summary>Waits for this process's turn to ask the server.</summary>
    public async Task<IDisposable> LockAsync(TimeProvider clock, CancellationToken cancellationToken)
    {
        AtomicFile.CreatePrivateDirectory(Root);
        var path = Path.ChangeExtension(_path, ".lock");
        while (true)
        {
            try
            {
                // flock(2) underneath: the system lets go of it when a process dies.
                return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (UnauthorizedAccessException exception)
            {
                throw AtomicFile.NotWritable(path, ErrorCodes.StateUnwritable, exception);
            }
            catch (IOException) when (File.Exists(path))
            {
                await Task.Delay(LockPause, clock, cancellationToken);
            }
            catch (IOException exception)
            {
                throw AtomicFile.NotWritable(path, ErrorCodes.StateUnwritable, exception);
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

    /// <summary>How somebody else failed to reach the server since this process began to wait; null: nobody did.</summary>
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

    /// <summary>Drops all tokens of a session: it ended, or begins anew.</summary>
    public static void Drop(string server, string? source)
    {
        if (Directory.Exists(Root))
        {
            foreach (var file in Directory.EnumerateFiles(Root, Prefix(server, source) + "-*"))
            {
                // Not the lock: somebody may hold it.
                if (!file.EndsWith(".lock", StringComparison.Ordinal))
                {
                    AtomicFile.TryDelete(file);
                }
            }
        }
    }

    /// <summary>
    /// The process that asks, told from a later one of the same number. Null where that cannot be found out, and for whoever does not
    /// keep tokens as client-go does: a script that asks for each of its requests is not asking again because of a refusal.
    /// </summary>
    public static string? Caller() => Environment.GetEnvironmentVariable(ExecCredentialWriter.Variable) is { Length: > 0 } ? ProcessIdentity.Parent() : null;

    private static string Prefix(string server, string? source) => StableHash.Of($"{server}|{source}");

    private CachedToken? Read()
    {
        try
        {
            using var document = JsonDocument.Parse(File.ReadAllBytes(_path));
            var root = document.RootElement;
            return root.GetProperty("for").GetString() == _owner
                && UtcTimeConverter.TryParse(root.GetProperty("expires").GetString(), out var expires)
                && UtcTimeConverter.TryParse(root.GetProperty("issued").GetString(), out var issued)
                && root.GetProperty("token").GetString() is { Length: > 0 } token
                    ? new CachedToken(token, expires, issued)
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

/// <summary>A token in the cache.</summary>
/// <param name="Token">The token.</param>
/// <param name="Expires">When to stop using it, a minute before its real end.</param>
/// <param name="Issued">When it was fetched.</param>
internal sealed record CachedToken(string Token, DateTimeOffset Expires, DateTimeOffset Issued)
{
    /// <summary>Tells it from other tokens without revealing it.</summary>
    public string Id { get; } = StableHash.Of(Token);
}
