using System.Text.Json.Nodes;
using TKA.Cli.Errors;
using TKA.Cli.Sessions;
using TKA.Cli.Yaml;

namespace TKA.Cli.Kubeconfigs;

/// <summary>Finds the entries that tka added to a kubeconfig by what they are, not by their names: people rename contexts.</summary>
internal static class OwnEntries
{
    /// <summary>The word that makes a user entry call <c>tka credential</c>.</summary>
    public const string CredentialCommand = "credential";

    /// <summary>Name of the extension by which our contexts are known.</summary>
    public const string Extension = "tka.specht-labs.de";

    /// <summary>The extension of a context.</summary>
    /// <param name="server">URL of the TKA server.</param>
    /// <param name="role">Role of a session beside the base session; null: the base session.</param>
    public static JsonArray Mark(string server, string? role)
    {
        var value = new JsonObject { ["server"] = server };
        if (role is not null)
        {
            value["role"] = role;
        }

        return new JsonArray(new JsonObject { ["name"] = Extension, ["extension"] = value });
    }

    /// <summary>Name of the user entry that gets its token for that session; null: none.</summary>
    /// <param name="editor">The kubeconfig.</param>
    /// <param name="name">The entry of this name is taken when it fits; also when <paramref name="server"/> is not known.</param>
    /// <param name="server">URL of the TKA server; null: in records of earlier versions.</param>
    /// <param name="role">Role of a session beside the base session; null: the base session.</param>
    public static string? FindUser(KubeconfigEditor editor, string name, string? server, string? role)
    {
        if (editor.Find("users", name) is { } named && (server is null || IsFor(named, server)))
        {
            return name;
        }

        return server is null ? null : editor.Items("users").FirstOrDefault(user => IsFor(user, server) && Argument(user, "--role") == role)?["name"]?.Text;
    }

    /// <summary>Whether a user entry gets its token from <c>tka credential</c> at that server.</summary>
    public static bool IsFor(YamlNode user, string server) =>
        Arguments(user) is { } arguments && arguments.Exists(item => item.Text == CredentialCommand) && Argument(user, "--server") == server;

    /// <summary>Server and role of a user entry that calls <c>tka credential</c>; null for any other.</summary>
    public static (string Server, string? Role)? SessionOf(YamlNode user) =>
        Arguments(user) is { } arguments && arguments.Exists(item => item.Text == CredentialCommand) && Argument(user, "--server") is { } server
            ? (server, Argument(user, "--role"))
            : null;

    /// <summary>The argument after a flag of a user entry's command.</summary>
    public static string? Argument(YamlNode user, string flag) =>
        Arguments(user) is { } arguments && arguments.FindIndex(item => item.Text == flag) is >= 0 and var at && at + 1 < arguments.Count ? arguments[at + 1].Text : null;

    /// <summary>Arguments of a user entry's command; null when it has none.</summary>
    public static List<YamlNode>? Arguments(YamlNode user) => user["user"]?["exec"]?["args"] is { Kind: YamlKind.Sequence } arguments ? arguments.Items : null;

    /// <summary>Names of the contexts that tka made for a user entry, under whatever name they go by now.</summary>
    /// <remarks>Contexts that people made for it themselves have no extension of ours and another name.</remarks>
    public static List<string> Contexts(KubeconfigEditor editor, string user, string name) =>
    [
        .. editor.Items("contexts")
            .Where(item => item["context"]?["user"]?.Text == user && (item["name"]?.Text == name || HasMark(item)))
            .Select(item => item["name"]?.Text)
            .OfType<string>(),
    ];

    /// <summary>Current name of the context that a login added; null: its context, user or cluster entry is missing, or the file cannot be read as a kubeconfig.</summary>
    /// <param name="record">What the login added.</param>
    public static string? ContextIn(MergeRecord record)
    {
        try
        {
            var editor = new KubeconfigEditor(KubeconfigFile.Read(record.Path).Text);
            return FindUser(editor, record.Name, record.Server, record.Role) is { } user
                ? Contexts(editor, user, record.Name).Find(name => editor.Find("contexts", name)?["context"]?["cluster"]?.Text is { } cluster && editor.Find("clusters", cluster) is not null)
                : null;
        }
        catch (CliException)
        {
            return null;
        }
    }

    /// <summary>Names of all contexts that use a user entry.</summary>
    public static List<string> Users(KubeconfigEditor editor, string user) =>
        [.. editor.Items("contexts").Where(item => item["context"]?["user"]?.Text == user).Select(item => item["name"]?.Text).OfType<string>()];

    private static bool HasMark(YamlNode context) =>
        context["context"]?["extensions"] is { Kind: YamlKind.Sequence } extensions && extensions.Items.Exists(item => item["name"]?.Text == Extension);
}
