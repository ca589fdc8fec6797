using TKA.Cli.Credentials;
using TKA.Cli.Kubeconfigs;
using TKA.Cli.Sessions;
using TKA.Cli.Storage;
using TKA.Cli.Terminal;

namespace TKA.Cli.Commands;

/// <summary>Removes from this machine what logins wrote, and remembers what that changed.</summary>
internal sealed class LogoutCleanup
{
    private readonly List<string> _files = [];
    private readonly List<string> _removed = [];
    private readonly List<string> _notes = [];

    /// <summary>Kubeconfig files of logins, whether or not they were still there.</summary>
    public IReadOnlyList<string> Files => _files;

    /// <summary>What was removed, for people and programs.</summary>
    public IReadOnlyList<string> Removed => _removed;

    /// <summary>Removes it.</summary>
    /// <param name="context">The run.</param>
    /// <param name="server">The server.</param>
    /// <param name="records">The logins that are over.</param>
    /// <param name="cancellationToken">Cancellation.</param>
    public static async Task<LogoutCleanup> RunAsync(CommandContext context, Uri server, IReadOnlyList<SessionRecord> records, CancellationToken cancellationToken)
    {
        var cleanup = new LogoutCleanup();
        if (records.Count == 0)
        {
            TokenCache.DropAll(server.ToString(), context.Source?.ToString());
        }

        foreach (var record in records)
        {
            await cleanup.RemoveAsync(context, record, cancellationToken);
        }

        return cleanup;
    }

    /// <summary>Says what was removed and what that changed.</summary>
    public void Tell(CliConsole console)
    {
        foreach (var removed in _removed)
        {
            console.Info($"Removed {TkaPaths.ForPeople(removed)}");
        }

        foreach (var note in _notes)
        {
            console.Info(note);
        }
    }

    private async Task RemoveAsync(CommandContext context, SessionRecord record, CancellationToken cancellationToken)
    {
        new TokenCache(record.Server, record.Source, record.RoleKey).Drop();

        // Contexts that an earlier version made name the role of a base session too.
        new TokenCache(record.Server, record.Source, record.Role).Drop();
        if (record.Kubeconfig is { } path)
        {
            _files.Add(path);
            if (AtomicFile.TryDelete(path))
            {
                _removed.Add(path);
            }
        }

        if (record.Merged is { } merged)
        {
            var entries = await MergedContext.RemoveAsync(HandOver(record, merged), context.Clock, cancellationToken);
            if (entries.Any)
            {
                _removed.Add($"{merged.Path} ({(entries.Contexts.Count == 0 ? "no context was there any more" : $"context {string.Join(", ", entries.Contexts)}")})");
            }

            if (entries.Change is { } change)
            {
                _notes.Add(change.ToString());
            }

            _notes.AddRange(entries.Dangling.Select(name => $"Your own context {name} used the removed credential and cannot sign in any more."));
        }

        SessionStore.Delete(record);

        // A shell that used the session has nothing to end any more: a later session of that role is somebody else's to end.
        foreach (var shell in SessionStore.Load().Where(other => other is { IsShell: true, IsBorrowed: false } && other.SameSession(record)))
        {
            SessionStore.Save(shell with { IsBorrowed = true });
        }
    }

    // Whoever is the last in a file puts back how the file was before the first.
    private static MergeRecord HandOver(SessionRecord record, MergeRecord merged)
    {
        if (SessionStore.Load().Find(other => other.Id != record.Id && other.Merged?.Path == merged.Path) is not { Merged: { } theirs } heir)
        {
            return merged;
        }

        var lists = new Dictionary<string, string?>(merged.EmptyLists);
        foreach (var (list, text) in theirs.EmptyLists)
        {
            lists.TryAdd(list, text);
        }

        SessionStore.Save(heir with
        {
            Merged = theirs with { Created = theirs.Created || merged.Created, LineBreakAdded = theirs.LineBreakAdded || merged.LineBreakAdded, EmptyLists = lists },
        });
        return merged with { LineBreakAdded = false };
    }
}
