using System.Text.Json.Nodes;
using TKA.Cli.Errors;
using TKA.Cli.Sessions;
using TKA.Cli.Shells;
using TKA.Cli.Storage;
using TKA.Cli.Yaml;
using TKA.Contracts.Kubeconfig;

namespace TKA.Cli.Kubeconfigs;

/// <summary>The context in the user's own kubeconfig whose credential comes from <c>tka credential</c>: no token is in the file.</summary>
internal sealed record MergedContext
{
    private const string CredentialCommand = "credential";
    private const string Skeleton = "apiVersion: v1\nkind: Config\n";

    /// <summary>Name of the context, the cluster and the user.</summary>
    public required string Name { get; init; }

    /// <summary>The cluster, from the server's kubeconfig.</summary>
    public required ServerKubeconfig Cluster { get; init; }

    /// <summary>URL of the TKA server.</summary>
    public required string TkaServer { get; init; }

    /// <summary>Local address to reach it from, if one was chosen.</summary>
    public string? Source { get; init; }

    /// <summary>Flags of the credential command beside the server.</summary>
    public IReadOnlyList<string> Arguments { get; init; } = [];

    /// <summary>Namespace asked for; null: none, or what the user has set since.</summary>
    public string? Namespace { get; init; }

    /// <summary>Make it the current context.</summary>
    public bool Use { get; init; }

    /// <summary>Name when the user gives none: of one cluster, and unlikely to be anybody else's.</summary>
    public static string DefaultName(string cluster) => $"tka-{cluster}";

    /// <summary>Adds the context, or brings it up to date.</summary>
    /// <param name="path">The user's kubeconfig.</param>
    /// <param name="earlier">What an earlier login of the same session recorded.</param>
    /// <param name="clock">Clock.</param>
    /// <param name="cancellationToken">Cancellation.</param>
    /// <returns>What to remember for logout.</returns>
    /// <exception cref="CliException">The file is unusable, or entries of that name are somebody else's.</exception>
    public async Task<MergeRecord> WriteAsync(string path, MergeRecord? earlier, TimeProvider clock, CancellationToken cancellationToken)
    {
        var mine = earlier is not null && earlier.Path == path && earlier.Name == Name ? earlier : null;
        var record = mine ?? new MergeRecord { Path = path, Name = Name };
        await KubeconfigFile.ChangeAsync(
            path,
            earlier is null ? [Name] : [Name, earlier.Name],
            text =>
            {
                var created = text.Length == 0 && !File.Exists(path);
                var editor = new KubeconfigEditor(created ? Skeleton : text);
                EnsureOurs(editor, path, mine is not null);
                if (mine is null && earlier?.Path == path)
                {
                    // Renamed: first back to what was there before us, so that the record of that stays true.
                    Remove(editor, earlier);
                    created |= earlier.Created;
                }

                record = record with { Created = record.Created || created };
                var emptyLists = new Dictionary<string, string?>(record.EmptyLists);
                foreach (var (list, entry) in Entries(editor))
                {
                    if (editor.Set(list, entry, out var empty))
                    {
                        emptyLists[list] = empty;
                    }
                }

                if (Namespace is not null)
                {
                    editor.SetNamespace(Name, Namespace);
                }

                record = record with { EmptyLists = emptyLists, LineBreakAdded = record.LineBreakAdded || editor.LineBreakAdded };
                if (Use && editor.CurrentContext != Name)
                {
                    record = record with { Used = true, PreviousContext = editor.UseContext(Name) };
                }

                return editor.Text;
            },
            clock,
            cancellationToken);
        return record;
    }

    /// <summary>Removes what <see cref="WriteAsync"/> added and puts back what it replaced.</summary>
    /// <returns>Whether anything was there to remove.</returns>
    public static async Task<bool> RemoveAsync(MergeRecord record, TimeProvider clock, CancellationToken cancellationToken)
    {
        if (!File.Exists(record.Path))
        {
            return false;
        }

        var removed = false;
        await KubeconfigFile.ChangeAsync(
            record.Path,
            [record.Name],
            text =>
            {
                var editor = new KubeconfigEditor(text);
                removed = Remove(editor, record);
                return record.Created && editor.Text == Skeleton ? null : editor.Text;
            },
            clock,
            cancellationToken);
        return removed;
    }

    /// <summary>The program kubectl shall call, and arguments that come first: by name when that finds this very program, else by path.</summary>
    private static (string Command, string[] Arguments) Program()
    {
        var self = Environment.ProcessPath ?? "tka";
        if (Path.GetFileNameWithoutExtension(self) == "dotnet")
        {
            // Started as "dotnet tka.dll".
            return (self, [Path.GetFullPath(Environment.GetCommandLineArgs()[0])]);
        }

        try
        {
            return (AtomicFile.ResolveLink(ChildProcess.Find("tka")) == AtomicFile.ResolveLink(self) ? "tka" : self, []);
        }
        catch (CliException)
        {
            return (self, []);
        }
    }

    private static bool Remove(KubeconfigEditor editor, MergeRecord record)
    {
        if (record.Used)
        {
            editor.RestoreCurrentContext(record.Name, record.PreviousContext);
        }

        // In the reverse order of adding, so that what was there before is put together again.
        var removed = false;
        foreach (var list in KubeconfigEditor.Lists.Reverse())
        {
            var wasEmpty = record.EmptyLists.TryGetValue(list, out var empty);
            removed |= editor.Remove(list, record.Name, wasEmpty, empty);
        }

        if (record.LineBreakAdded)
        {
            editor.RemoveFinalLineBreak();
        }

        return removed;
    }

    private IEnumerable<(string List, JsonObject Entry)> Entries(KubeconfigEditor editor)
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
        yield return ("users", new JsonObject { ["name"] = Name, ["user"] = new JsonObject { ["exec"] = Exec() } });

        // An existing context may carry a namespace and extensions of the user's: it stays as it is.
        if (editor.Find("contexts", Name) is null)
        {
            var context = new JsonObject { ["cluster"] = Name, ["user"] = Name };
            if (Cluster.Namespace is not "" && Namespace is null)
            {
                context["namespace"] = Cluster.Namespace;
            }

            yield return ("contexts", new JsonObject { ["name"] = Name, ["context"] = context });
        }
    }

    private JsonObject Exec()
    {
        var (command, first) = Program();
        var arguments = new JsonArray();
        foreach (var argument in (IEnumerable<string>)[.. first, CredentialCommand, "--server", TkaServer, .. Arguments])
        {
            arguments.Add((JsonNode)argument);
        }

        var exec = new JsonObject
        {
            ["apiVersion"] = ExecCredential.V1,
            ["command"] = command,
            ["args"] = arguments,
        };
        if (Source is not null)
        {
            exec["env"] = new JsonArray(new JsonObject { ["name"] = Client.SourceAddress.Variable, ["value"] = Source });
        }

        exec["interactiveMode"] = "Never";
        exec["provideClusterInfo"] = false;
        exec["installHint"] = "This context gets its credentials from tka. Install it and put it on PATH, or remove the context: kubectl config delete-context " + Name;
        return exec;
    }

    private void EnsureOurs(KubeconfigEditor editor, string path, bool recorded)
    {
        if (recorded)
        {
            return;
        }

        var exists = KubeconfigEditor.Lists.Any(list => editor.Find(list, Name) is not null);
        var arguments = editor.Find("users", Name)?["user"]?["exec"]?["args"];
        if (exists && !(arguments is { Kind: YamlKind.Sequence } && arguments.Items.Exists(item => item.Text == CredentialCommand) && arguments.Items.Exists(item => item.Text == TkaServer)))
        {
            throw new CliException(
                ErrorCodes.KubeconfigConflict,
                ExitCode.Unusable,
                $"{path} already has an entry named {Name} that tka did not make for this server.",
                ["Choose another name with --context-name NAME. The file was not changed."]);
        }
    }
}
