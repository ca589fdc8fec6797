using System.Text.Json;
using TKA.Cli.Errors;
using TKA.Cli.Output;
using TKA.Contracts.Kubeconfig;

namespace TKA.Cli.Kubeconfigs;

/// <summary>What matters of the kubeconfig a TKA server hands out.</summary>
/// <remarks>
/// Only these fields are taken over, and the file on disk is always written anew. A kubeconfig can name commands that kubectl runs, files
/// it reads and a proxy it goes through; text from the network must not get to decide that, so one that does is refused.
/// </remarks>
internal sealed record ServerKubeconfig
{
    private static readonly (string List, string[] Names)[] Foreign =
    [
        ("clusters", ["proxy-url", "certificate-authority"]),
        ("users", ["exec", "auth-provider", "tokenFile", "client-certificate", "client-key", "username", "password"]),
    ];

    /// <summary>Name of the cluster, as the server calls it.</summary>
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

    /// <summary>Takes over what matters of the server's answer.</summary>
    /// <exception cref="CliException">It is no kubeconfig with a token.</exception>
    public static ServerKubeconfig From(KubeconfigMaps maps)
    {
        var context = Entry(maps.Contexts, maps.CurrentContext) ?? throw Invalid("its current-context names no context");
        var cluster = Entry(maps.Clusters, context.Cluster) ?? throw Invalid("its context names no cluster");
        var user = Entry(maps.Users, context.User) ?? throw Invalid("its context names no user");
        return !Uri.TryCreate(cluster.Server, UriKind.Absolute, out var url) || url.Scheme is not ("https" or "http")
            ? throw Invalid("it names no URL of a Kubernetes API")
            : new()
            {
                Cluster = context.Cluster,
                Context = maps.CurrentContext,
                User = context.User,
                Server = cluster.Server,
                CaData = cluster.CertificateAuthorityData ?? "",
                InsecureSkipTlsVerify = cluster.InsecureSkipTlsVerify,
                TlsServerName = cluster.TlsServerName ?? "",
                Namespace = context.Namespace ?? "",
                Token = user.Token is { Length: > 0 } token ? token : throw Invalid("it holds no token"),
            };
    }

    /// <summary>Refuses a kubeconfig that names commands, files or a proxy.</summary>
    /// <param name="json">The server's answer.</param>
    /// <exception cref="CliException">It names one.</exception>
    public static void RefuseForeign(string json)
    {
        using var document = JsonDocument.Parse(json);
        foreach (var (list, names) in Foreign)
        {
            if (!document.RootElement.TryGetProperty(list, out var entries) || entries.ValueKind != JsonValueKind.Object)
            {
                continue;
            }

            var named = entries.EnumerateObject().Where(entry => entry.Value.ValueKind == JsonValueKind.Object)
                .SelectMany(entry => entry.Value.EnumerateObject())
                .FirstOrDefault(member => names.Contains(member.Name) && member.Value.ValueKind != JsonValueKind.Null && member.Value.GetRawText() is not "\"\"");
            if (named.Value.ValueKind != JsonValueKind.Undefined)
            {
                throw Invalid($"it has {named.Name}, and only the address, the CA and a token of a cluster are taken from a server");
            }
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

    private static T? Entry<T>(IReadOnlyDictionary<string, T>? entries, string? name)
        where T : class => name is { Length: > 0 } && entries is not null && entries.TryGetValue(name, out var entry) ? entry : null;

    private static CliException Invalid(string reason) => new(
        ErrorCodes.KubeconfigFromServer,
        ExitCode.Failure,
        $"The server's kubeconfig cannot be used: {reason}.",
        ["Check that --server names your TKA server, and that client and server are of the same version (tka version)."]);
}
