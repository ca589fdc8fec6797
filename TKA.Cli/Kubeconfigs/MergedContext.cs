using System.Text.Json.Nodes;
using TKA.Cli.Errors;
using TKA.Cli.Sessions;

namespace TKA.Cli.Kubeconfigs;

/// <summary>The context in the user's own kubeconfig whose credential comes from <c>tka credential</c>: no token is in the file.</summary>
internal sealed record MergedContext
{
    private const string Skeleton = "apiVersion: v1\nkind: Config\n";

    /// <summary>Name of the context, the cluster and the user.</summary>
    public required string Name { get; init; }

    /// <summary>The cluster, from the server's kubeconfig.</summary>
    public required ServerKubeconfig Cluster { get; init; }

    /// <summary>URL of the TKA server.</summary>
    public required string TkaServer { get; init; }

    /// <summary>Local address to reach it from, if one was chosen.</summary>
    public string? Source { get; init; }

    /// <summary>Role that the credential command asks for; null: the base session.</summary>
    public string? Role { get; init; }

    /// <summary>Period for signing in again; null: as in the entry that is there.</summary>
    public string? Period { get; init; }

    /// <summary>kubectl may sign in again; null: as in the entry that is there.</summary>
    public bool? AutoLogin { get; init; }

    /// <summary>Version of the protocol with kubectl; null: as in the entry that is there, else v1.</summary>
    public string? ExecApiVersion { get; init; }

    /// <summary>Namespace asked for; null: none, or what the user has set since.</summary>
    public string? Namespace { get; init; }

    /// <summary>Make it the current context.</summary>
    public bool Use { get; init; }

    /// <summary>Name when the user gives none. No cluster and no role has a ':' in its name, so no two names are the same.</summary>
    /// <param name="cluster">Name of the cluster.</param>
    /// <param name="role">Role of a session beside the base session; null: the base session.</param>
    public static string DefaultName(string cluster, string? role) => role is null ? $"tka-{cluster}" : $"tka-{cluster}:{role}";

    /// <summary>Adds the context, or brings it up to date.</summary>
    /// <param name="path">The user's kubeconfig.</param>
    /// <param name="earlier">What an earlier login of the same session recorded.</param>
    /// <param name="clock">Clock.</param>
    /// <param name="cancellationToken">Cancellation.</param>
    /// <returns>What to remember for logout, and the change of the current context.</returns>
    /// <exception cref="CliException">The file is unusable, or entries of that name are somebody else's.</exception>
    public async Task<MergeRecord> WriteAsync(string path, MergeRecord? earlier, TimeProvider clock, CancellationToken cancellationToken)
    {
        var mine = earlier is not null && earlier.Path == path && earlier.Name == Name ? earlier : null;
        var record = (mine ?? new MergeRecord { Path = path, Name = Name }) with { Server = TkaServer, Role = Role };
        var ours = new HashSet<string> { Name };
        await KubeconfigFile.ChangeAsync(
            path,
            ours,
            text =>
            {
                var created = text.Length == 0 && !File.Exists(path);
                var editor = new KubeconfigEditor(created ? Skeleton : text);
                var current = editor.CurrentContext;
                EnsureOurs(editor, path, mine is not null);
                if (mine is null && earlier?.Path == path)
                {
                    // Renamed: first back to what was there before us, so that the record of that stays true.
                    Remove(editor, earlier, ours);
                    created |= earlier.Created;
                }

                record = record with { Created = record.Created || created };
                var emptyLists = new Dictionary<string, string?>(record.EmptyLists);
                var contexts = OwnEntries.Contexts(editor, Name, Name);
                ours.UnionWith(contexts);
                foreach (var (list, entry) in Entries(editor, contexts))
                {
                    if (editor.Set(list, entry, out var empty))
                    {
                        emptyLists[list] = empty;
                    }
                }

                var context = contexts.FirstOrDefault() ?? Name;
                if (Namespace is not null)
                {
                    editor.SetNamespace(context, Namespace);
                }

                record = record with { EmptyLists = emptyLists, LineBreakAdded = record.LineBreakAdded || editor.LineBreakAdded };
                if (Use && editor.CurrentContext != context)
                {
                    record = record with { Used = true, PreviousContext = editor.UseContext(context) };
                }

                record = record with { Change = ContextChange.Between(current, editor.CurrentContext) };
                return editor.Text;
            },
            clock,
            cancellationToken);
        return record;
    }

    /// <summary>Removes what <see cref="WriteAsync"/> added and puts back what it replaced.</summary>
    public static async Task<RemovedEntries> RemoveAsync(MergeRecord record, TimeProvider clock, CancellationToken cancellationToken)
    {
        var removed = RemovedEntries.None;
        if (!File.Exists(record.Path))
        {
            return removed;
        }

        var ours = new HashSet<string> { record.Name };
        await KubeconfigFile.ChangeAsync(
            record.Path,
            ours,
            text =>
            {
                var editor = new KubeconfigEditor(text);
                removed = Remove(editor, record, ours);
                return record.Created && editor.Text == Skeleton ? null : editor.Text;
            },
            clock,
            cancellationToken);
        return removed;
    }

    private static RemovedEntries Remove(KubeconfigEditor editor, MergeRecord record, HashSet<string> ours)
    {
        var user = OwnEntries.FindUser(editor, record.Name, record.Server, record.Role) ?? record.Name;
        var contexts = OwnEntries.Contexts(editor, user, record.Name);
        if (contexts.Count == 0 && record.Server is null && OwnEntries.Users(editor, user) is [var renamed])
        {
            // Made by an earlier version, without the extension, and renamed.
            contexts = [renamed];
        }

        if (contexts.Count == 0 && editor.Find("contexts", record.Name) is not null)
        {
            contexts = [record.Name];
        }

        ours.UnionWith([.. contexts, user]);
        var current = editor.CurrentContext;
        if (contexts.Contains(current) || (current == record.Name && editor.Find("contexts", current) is null))
        {
            editor.RestoreCurrentContext(current, record.Used && !IsOverToo(editor, record.PreviousContext) ? record.PreviousContext : " \"\"");
        }

        // In the reverse order of adding, so that what was there before is put together again.
        var removed = false;
        foreach (var name in contexts)
        {
            removed |= RemoveOne("contexts", name);
        }

        removed |= RemoveOne("users", user);
        removed |= RemoveOne("clusters", record.Name);
        if (record.LineBreakAdded)
        {
            editor.RemoveFinalLineBreak();
        }

        return new RemovedEntries(removed, contexts, OwnEntries.Users(editor, user), ContextChange.Between(current, editor.CurrentContext));

        bool RemoveOne(string list, string name)
        {
            var wasEmpty = record.EmptyLists.TryGetValue(list, out var empty);
            return editor.Remove(list, name, wasEmpty, empty);
        }
    }

    // The context before may have been another session's, which ended first. A context of the user's own may be in another file.
    private static bool IsOverToo(KubeconfigEditor editor, string? previous) =>
        previous?.Trim(' ', '"', '\'') is { } name && name.StartsWith("tka-", StringComparison.Ordinal) && editor.Find("contexts", name) is null;

    private IEnumerable<(string List, JsonObject Entry)> Entries(KubeconfigEditor editor, List<string> contexts)
    {
        var cluster = new JsonObject { ["server"] = Cluster.Server };
        if (Cluster.CaData is not "")
        {
            cluster["certificate-authority-data"] = Cluster.CaData;
        }

        if (Cluster.InsecureSkipTlsVerify)
        {
            cluster["insecure-skip-tls-verify"] = true;
        }

        if (Cluster.TlsServerName is not "")
        {
            cluster["tls-server-name"] = Cluster.TlsServerName;
        }

        yield return ("clusters", new JsonObject { ["name"] = Name, ["cluster"] = cluster });
        yield return ("users", new JsonObject { ["name"] = Name, ["user"] = new JsonObject { ["exec"] = ExecEntry.Build(this, editor.Find("users", Name)) } });

        // An existing context may carry a name, a namespace and extensions of the user's: it stays as it is.
        if (contexts.Count == 0 && editor.Find("contexts", Name) is null)
        {
            var context = new JsonObject { ["cluster"] = Name, ["user"] = Name };
            if (Cluster.Namespace is not "" && Namespace is null)
            {
                context["namespace"] = Cluster.Namespace;
            }

            context["extensions"] = OwnEntries.Mark(TkaServer, Role);
            yield return ("contexts", new JsonObject { ["name"] = Name, ["context"] = context });
        }
    }

    private void EnsureOurs(KubeconfigEditor editor, string path, bool recorded)
    {
        if (recorded)
        {
            return;
        }

        if (KubeconfigEditor.Lists.Any(list => editor.Find(list, Name) is not null) && (editor.Find("users", Name) is not { } user || !OwnEntries.IsFor(user, TkaServer)))
        {
            throw new CliException(
                ErrorCodes.KubeconfigConflict,
                ExitCode.Unusable,
                $"{path} already has an entry named {Name} that tka did not make for this server.",
                ["Choose another name with --context-name NAME. The file was not changed."]);
        }
    }
}

/// <summary>What was removed from the user's kubeconfig.</summary>
/// <param name="Any">Whether anything was there to remove.</param>
/// <param name="Contexts">Names of the contexts removed, as they were at that time.</param>
/// <param name="Dangling">Contexts of the user's own that used the removed user entry.</param>
/// <param name="Change">The change of the current context; null: none.</param>
internal sealed record RemovedEntries(bool Any, IReadOnlyList<string> Contexts, IReadOnlyList<string> Dangling, ContextChange? Change)
{
    /// <summary>Nothing was there.</summary>
    public static RemovedEntries None { get; } = new(false, [], [], null);
}
