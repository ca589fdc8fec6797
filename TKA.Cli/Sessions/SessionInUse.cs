using TKA.Cli.Errors;
using TKA.Cli.Kubeconfigs;
using TKA.Cli.Storage;

namespace TKA.Cli.Sessions;

/// <summary>Which session kubectl uses in this terminal: the one whose file KUBECONFIG names, else that of the current context.</summary>
internal static class SessionInUse
{
    /// <summary>A session as the kubeconfig in effect names it.</summary>
    /// <param name="Server">URL of the TKA server.</param>
    /// <param name="Role">Role of a session beside the base session; null: the base session.</param>
    /// <param name="Kubeconfig">File that makes kubectl use it.</param>
    /// <param name="Context">Context in that file.</param>
    /// <param name="HasCluster">Whether the cluster that the context names is there; without it kubectl dials localhost:8080.</param>
    internal sealed record Use(string Server, string? Role, string Kubeconfig, string? Context, bool HasCluster = true);

    /// <summary>Finds it; null: kubectl uses no session of tka here.</summary>
    public static Use? Find()
    {
        var records = SessionStore.Load();
        foreach (var path in Paths())
        {
            if (records.Find(record => record.Kubeconfig == path) is { } record)
            {
                return new Use(record.Server, record.RoleKey, path, record.Context);
            }
        }

        return FromCurrentContext();
    }

    /// <summary>Whether KUBECONFIG names a file.</summary>
    public static bool IsInKubeconfigVariable(string? path) => path is not null && Variable().Contains(path);

    /// <summary>The files kubectl reads, in order.</summary>
    public static IReadOnlyList<string> Paths() => Variable() is { Count: > 0 } named ? named : [Path.Combine(TkaPaths.Home, ".kube", "config")];

    private static List<string> Variable() => [.. (Environment.GetEnvironmentVariable("KUBECONFIG") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)];

    // The first file that names a current context decides; entries of all files count.
    private static Use? FromCurrentContext()
    {
        var editors = new List<(string Path, KubeconfigEditor Editor)>();
        foreach (var path in Paths().Where(File.Exists))
        {
            try
            {
                editors.Add((path, new KubeconfigEditor(KubeconfigFile.Read(path).Text)));
            }
            catch (CliException)
            {
                // kubectl cannot read it either, and says so itself.
            }
        }

        var current = editors.Select(file => file.Editor.CurrentContext).FirstOrDefault(name => name.Length > 0);
        if (current is null || First("contexts", current)?.Node["context"]?["user"]?.Text is not { } user || First("users", user) is not { } entry)
        {
            return null;
        }

        return OwnEntries.SessionOf(entry.Node) is { } session ? new Use(session.Server, session.Role, entry.Path, current, HasCluster(current)) : null;

        bool HasCluster(string context) => First("contexts", context)?.Node["context"]?["cluster"]?.Text is { } cluster && First("clusters", cluster) is not null;

        (string Path, Yaml.YamlNode Node)? First(string list, string name)
        {
            foreach (var (path, editor) in editors)
            {
                if (editor.Find(list, name) is { } node)
                {
                    return (path, node);
                }
            }

            return null;
        }
    }
}
