using TKA.Cli.Errors;
using TKA.Cli.Output;
using TKA.Cli.Yaml;
using YamlDotNet.Core;

namespace TKA.Cli.Kubeconfigs;

/// <summary>What matters of the kubeconfig a TKA server hands out.</summary>
/// <remarks>
/// Only these fields are taken over. A kubeconfig can name commands that kubectl runs (<c>exec</c>, <c>auth-provider</c>)
/// and files it reads: text from the network must not get to decide that, so the file on disk is always written anew.
/// </remarks>
internal sealed record ServerKubeconfig
{
    /// <summary>Name of the cluster.</summary>
    public required string Cluster { get; init; }

    /// <summary>Name of the context.</summary>
    public required string Context { get; init; }

    /// <summary>Name of the user entry.</summary>
    public required string User { get; init; }

    /// <summary>URL of the Kubernetes API.</summary>
    public required string Server { get; init; }

    /// <summary>CA bundle, base64 of PEM; empty: the system's.</summary>
    public string CaData { get; init; } = "";

    /// <summary>Clients shall not verify the certificate.</summary>
    public bool InsecureSkipTlsVerify { get; init; }

    /// <summary>Name to expect in the certificate; empty: that of the URL.</summary>
    public string TlsServerName { get; init; } = "";

    /// <summary>Namespace of the context; empty: default.</summary>
    public string Namespace { get; init; } = "";

    /// <summary>Bearer token.</summary>
    public required string Token { get; init; }

    /// <summary>Reads the server's YAML.</summary>
    /// <exception cref="CliException">It is no kubeconfig with a token.</exception>
    public static ServerKubeconfig Parse(string yaml)
    {
        try
        {
            var root = YamlTree.Parse(yaml) ?? throw Invalid("it is empty");
            var current = Text(root, "current-context");
            var context = Entry(root, "contexts", "context", current) ?? throw Invalid("its current-context names no context");
            var cluster = Entry(root, "clusters", "cluster", Text(context, "cluster")) ?? throw Invalid("its context names no cluster");
            var user = Entry(root, "users", "user", Text(context, "user")) ?? throw Invalid("its context names no user");
            var server = Text(cluster, "server");
            if (!Uri.TryCreate(server, UriKind.Absolute, out var url) || url.Scheme is not ("https" or "http"))
            {
                throw Invalid("it names no URL of a Kubernetes API");
            }

            return new()
            {
                Cluster = Text(context, "cluster"),
                Context = current,
                User = Text(context, "user"),
                Server = server,
                CaData = Text(cluster, "certificate-authority-data"),
                InsecureSkipTlsVerify = Text(cluster, "insecure-skip-tls-verify") == "true",
                TlsServerName = Text(cluster, "tls-server-name"),
                Namespace = Text(context, "namespace"),
                Token = Text(user, "token") is { Length: > 0 } token ? token : throw Invalid("it holds no token"),
            };
        }
        catch (YamlException exception)
        {
            throw Invalid("it is no YAML", exception);
        }
    }

    /// <summary>A kubeconfig with the token.</summary>
    public string ToYaml()
    {
        var clusterLines = ClusterLines().Select(line => $"    {line}\n");
        var ns = Namespace is "" ? "" : $"    namespace: {YamlText.Scalar(Namespace)}\n";
        return $"""
            apiVersion: v1
            kind: Config
            clusters:
            - name: {YamlText.Scalar(Cluster)}
              cluster:
            {string.Concat(clusterLines).TrimEnd('\n')}
            users:
            - name: {YamlText.Scalar(User)}
              user:
                token: {YamlText.Scalar(Token)}
            contexts:
            - name: {YamlText.Scalar(Context)}
              context:
                cluster: {YamlText.Scalar(Cluster)}
                user: {YamlText.Scalar(User)}
            {ns}current-context: {YamlText.Scalar(Context)}

            """;
    }

    /// <summary>The fields of a cluster entry, one YAML line each.</summary>
    public IEnumerable<string> ClusterLines()
    {
        yield return $"server: {YamlText.Scalar(Server)}";
        if (CaData is not "")
        {
            yield return $"certificate-authority-data: {YamlText.Scalar(CaData)}";
        }

        if (InsecureSkipTlsVerify)
        {
            yield return "insecure-skip-tls-verify: true";
        }

        if (TlsServerName is not "")
        {
            yield return $"tls-server-name: {YamlText.Scalar(TlsServerName)}";
        }
    }

    // A list of named entries in a file, a mapping by name in client-go's internal form, which the Go TKA answers with.
    private static YamlNode? Entry(YamlNode root, string collection, string kind, string name) => root[collection] switch
    {
        { Kind: YamlKind.Mapping } map when name is not "" => map[name],
        { Kind: YamlKind.Sequence } list when name is not "" => list.Items.Find(item => item["name"]?.Text == name)?[kind],
        _ => null,
    };

    private static string Text(YamlNode mapping, string key) => mapping[key] is { Kind: YamlKind.Scalar, IsNull: false } scalar ? scalar.Text : "";

    private static CliException Invalid(string reason, Exception? inner = null) => new(
        ErrorCodes.KubeconfigFromServer,
        ExitCode.Failure,
        $"The server's kubeconfig cannot be used: {reason}.",
        ["Check that --server names your TKA server, and that client and server are of the same version (tka version)."],
        inner);
}
