using System.CommandLine;
using TKA.Cli.Configuration;

namespace TKA.Cli.Commands;

/// <summary>Flags that every command understands.</summary>
internal static class GlobalOptions
{
    public static readonly Option<string> Config = new("--config", "-c")
    {
        Description = "Configuration file to use.",
        HelpName = "file",
        Recursive = true,
    };

    public static readonly Option<string> MachineConfig = new("--machine-config")
    {
        Description = "Configuration file of the machine, read when there is no other.",
        HelpName = "file",
        Hidden = true,
        Recursive = true,
    };

    public static readonly Option<string> Server = new("--server", "-s")
    {
        Description = "TKA server: a host name on the tailnet, or a URL.",
        HelpName = "host",
        Recursive = true,
    };

    public static readonly Option<string> Port = new("--port", "-p")
    {
        Description = "Port of the TKA server (443: https, others: http).",
        HelpName = "port",
        Recursive = true,
    };

    public static readonly Option<string> Proxy = new("--proxy")
    {
        Description = "Proxy to the tailnet where tailscaled runs in userspace mode, like socks5h://127.0.0.1:1055.",
        HelpName = "url",
        Recursive = true,
    };

    public static readonly Option<string> Orchestrator = new("--orchestrator")
    {
        Description = "Orchestrator that lists the clusters: a host name on the tailnet, or a URL.",
        HelpName = "host",
        Recursive = true,
    };

    public static readonly Option<string> Output = new("--output", "-o")
    {
        Description = "Output format.",
        HelpName = "table|wide|json|yaml|name",
        Recursive = true,
    };

    public static readonly Option<bool> Quiet = new("--quiet", "-q")
    {
        Description = "Print data, warnings and errors only.",
        Recursive = true,
    };

    public static readonly Option<bool> Long = new("--long", "-l")
    {
        Description = "Show more detail.",
        Recursive = true,
    };

    public static readonly Option<string> Theme = new("--theme", "-t")
    {
        Description = "Colours and signs.",
        HelpName = string.Join('|', Terminal.Theme.Names),
        Recursive = true,
    };

    public static readonly Option<bool> NoEval = new("--no-eval", "-e")
    {
        Description = "Print no lines for a shell to evaluate; the shell integration passes the command through.",
        Recursive = true,
    };

    public static readonly Option<string> Eval = new("--eval")
    {
        Description = "Print lines for this shell to evaluate, and everything else on standard error. Used by the shell integration.",
        HelpName = "bash|zsh|fish|powershell",
        Hidden = true,
        Recursive = true,
    };

    public static readonly Option<bool> Debug = new("--debug")
    {
        Description = "Show requests and causes of errors on standard error.",
        Recursive = true,
    };

    public static readonly Option<string> Timeout = new("--timeout")
    {
        Description = "How long to wait until a session is ready.",
        HelpName = "duration",
        Recursive = true,
    };

    /// <summary>All of them, in the order help lists them.</summary>
    public static IReadOnlyList<Option> All { get; } =
    [
        Config, MachineConfig, Server, Port, Proxy, Orchestrator, Output, Quiet, Long, Theme, NoEval, Eval, Debug, Timeout,
    ];

    /// <summary>The configuration keys that flags of this run set.</summary>
    public static Dictionary<string, (string Flag, string Value)> Keys(ParseResult parse)
    {
        var keys = new Dictionary<string, (string Flag, string Value)>(StringComparer.OrdinalIgnoreCase);
        Text(Server, ConfigKey.Hostname);
        Text(Port, ConfigKey.Port);
        Text(Proxy, ConfigKey.Proxy);
        Text(Orchestrator, ConfigKey.Orchestrator);
        Text(Output, ConfigKey.Format);
        Text(Theme, ConfigKey.Theme);
        Text(Timeout, ConfigKey.Timeout);
        Flag(Quiet, ConfigKey.Quiet);
        Flag(Long, ConfigKey.Long);
        Flag(NoEval, ConfigKey.NoEval);
        Flag(Debug, ConfigKey.Debug);
        return keys;

        void Text(Option<string> option, ConfigKey key)
        {
            if (parse.GetResult(option) is not null && parse.GetValue(option) is { } value)
            {
                keys[key.Name] = (option.Name, value);
            }
        }

        void Flag(Option<bool> option, ConfigKey key)
        {
            if (parse.GetResult(option) is { Implicit: false })
            {
                keys[key.Name] = (option.Name, parse.GetValue(option) ? "true" : "false");
            }
        }
    }
}
