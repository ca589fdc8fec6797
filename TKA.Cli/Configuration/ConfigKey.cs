using TKA.Contracts;

namespace TKA.Cli.Configuration;

/// <summary>A configuration key of the command line; the names are those of the Go TKA, whose files stay readable.</summary>
/// <param name="Name">Dotted name, as in the YAML file.</param>
/// <param name="Default">Value without any configuration.</param>
/// <param name="Description">For <c>tka config</c> and the documentation.</param>
/// <param name="Check">Says what is wrong with a value, or null.</param>
internal sealed record ConfigKey(string Name, string Default, string Description, Func<string, string?>? Check = null)
{
    public static readonly ConfigKey Debug = new("debug", "false", "Show requests and causes of errors on standard error.", Boolean);
    public static readonly ConfigKey Timeout = new("timeout", "1m", "How long to wait until a session is ready, as a Go duration.", Duration);
    public static readonly ConfigKey Hostname = new("tailscale.hostname", "tka", "Host name of the TKA server on the tailnet, or its URL.") { OtherVariable = "TKA_SERVER" };
    public static readonly ConfigKey Port = new("tailscale.port", "443", "Port of the TKA server: https on 443, http on any other.", PortNumber);
    public static readonly ConfigKey Tailnet = new("tailscale.tailnet", "", "Domain of the tailnet, for example example.ts.net; appended to a host name without dots.");
    public static readonly ConfigKey Socket = new("tailscale.socket", "", "Socket of tailscaled, which tka doctor asks, and tka clusters without an orchestrator; empty: the usual places.");
    public static readonly ConfigKey Proxy = new("tailscale.proxy", "", "Proxy to the tailnet where tailscaled runs in userspace mode: socks5h://HOST:PORT or http://HOST:PORT.", ProxyAddress);
    public static readonly ConfigKey Orchestrator = new("orchestrator.url", "", "Orchestrator that lists the clusters: a host name on the tailnet, or a URL.") { OtherVariable = "TKA_ORCHESTRATOR" };
    public static readonly ConfigKey Format = new("output.format", "table", "Output format: table, wide, json, yaml or name.", OneOf("table", "wide", "json", "yaml", "name"));
    public static readonly ConfigKey Theme = new("output.theme", Terminal.Theme.Default, $"Colours and signs: {string.Join(", ", Terminal.Theme.Names)}.", OneOf([.. Terminal.Theme.Names]));
    public static readonly ConfigKey Long = new("output.long", "false", "Show more detail.", Boolean);
    public static readonly ConfigKey Quiet = new("output.quiet", "false", "Print data, warnings and errors only.", Boolean);
    public static readonly ConfigKey NoEval = new("output.noEval", "false", "Print no lines for a shell to evaluate.", Boolean);
    public static readonly ConfigKey MarkdownlintFix = new("output.markdownlint-fix", "false", "Accepted for files of the Go TKA; generated documentation needs no fixing.", Boolean);

    /// <summary>Another variable, which counts before <see cref="EnvironmentVariable"/>; null: none.</summary>
    public string? OtherVariable { get; private init; }

    /// <summary>Every key, in the order they are listed.</summary>
    public static IReadOnlyList<ConfigKey> All { get; } =
    [
        Debug, Orchestrator, Format, Long, MarkdownlintFix, NoEval, Quiet, Theme, Hostname, Port, Proxy, Socket, Tailnet, Timeout,
    ];

    /// <summary>The environment variable of the key, for example <c>TKA_TAILSCALE_HOSTNAME</c>.</summary>
    public string EnvironmentVariable => "TKA_" + Name.ToUpperInvariant().Replace('.', '_').Replace('-', '_');

    /// <summary>The key of that name; letter case does not matter, as in the Go TKA.</summary>
    public static ConfigKey? Find(string name) => All.FirstOrDefault(key => key.Name.Equals(name, StringComparison.OrdinalIgnoreCase));

    private static string? Boolean(string value) => value.ToLowerInvariant() is "true" or "false" ? null : "must be true or false";

    private static string? PortNumber(string value) => ushort.TryParse(value, out var port) && port > 0 ? null : "must be a port number from 1 to 65535";

    private static string? ProxyAddress(string value) =>
        value.Length == 0 || Client.TailnetProxy.TryParse(value, out _) ? null : "must be a URL like socks5h://127.0.0.1:1055 or http://127.0.0.1:1055";

    private static string? Duration(string value) =>
        GoDuration.TryParse(value, out var duration) && duration > TimeSpan.Zero ? null : "must be a duration like 30s, 5m or 1h30m";

    private static Func<string, string?> OneOf(params string[] values) =>
        value => values.Contains(value, StringComparer.Ordinal) ? null : $"must be one of {string.Join(", ", values)}";
}
