namespace TKA.DevEnvironment.Stack;

/// <summary>The options of both stacks, after <c>dotnet run --project TKA.AppHost --</c> or <c>--project dev/TKA.DevStack --</c>.</summary>
internal sealed record CommandLine
{
    public const string Help = """
        Runs TKA on this machine: Kubernetes API, tailnet, Dapr state, operator, API and orchestrator.

          --data DIR                      where files and state are kept (default: .tka/dev in the repository)
          --ports default|auto            8480 to 8499, or any free ones
          --cluster embedded|kubeconfig   a cluster of its own, or the current context of KUBECONFIG (asks first)
          --tailnet embedded|host[:SOCKET]
                                          a tailnet of its own, or this machine's tailscaled
          --clusters N                    so many clusters (1 to 9), with one orchestrator; embedded ones only
          --demo                          signs in, shows what may be done, signs out
          --yes                           does not ask
          --verbose                       shows what the services log
        """;

    /// <summary>Data directory; null for the default.</summary>
    public string? Data { get; init; }

    /// <summary>Ports: the default ones, free ones, or (how an Aspire AppHost tells its resource) a list of them.</summary>
    public StackPorts Ports { get; init; } = new();

    /// <summary>Whether to use the current context of the user's kubeconfig in place of an embedded cluster.</summary>
    public bool HostCluster { get; init; }

    /// <summary>Whether to use this machine's tailscaled in place of an embedded tailnet.</summary>
    public bool HostTailnet { get; init; }

    /// <summary>Socket of the host's tailscaled; empty for the system's default.</summary>
    public string HostSocket { get; init; } = "";

    /// <summary>How many clusters there are, each with its operator and API.</summary>
    public int Clusters { get; init; } = 1;

    /// <summary>Whether to show a login from end to end.</summary>
    public bool Demo { get; init; }

    /// <summary>Whether questions are answered with yes.</summary>
    public bool Yes { get; init; }

    /// <summary>Whether to show what the services log.</summary>
    public bool Verbose { get; init; }

    /// <summary>Whether help was asked for.</summary>
    public bool ShowHelp { get; init; }

    /// <summary>Reads the arguments, as <c>--name value</c> or <c>--name=value</c>.</summary>
    /// <exception cref="CommandLineException">One is wrong; the message says which and what is right.</exception>
    public static CommandLine Parse(IReadOnlyList<string> args)
    {
        var result = new CommandLine();
        for (var i = 0; i < args.Count; i++)
        {
            var (name, inline) = Split(args[i]);
            result = name switch
            {
                "--data" => result with { Data = Value("a directory") },
                "--ports" => result with { Ports = PortsOf(Value("default or auto")) },
                "--cluster" => result with { HostCluster = Choice("embedded", "kubeconfig") },
                "--tailnet" => TailnetOf(result, Value("embedded, host or host:SOCKET")),
                "--clusters" => ClustersOf(result, Value("a number")),
                "--demo" => Flag(result with { Demo = true }),
                "--yes" or "-y" => Flag(result with { Yes = true }),
                "--verbose" => Flag(result with { Verbose = true }),
                "--help" or "-h" or "-?" => Flag(result with { ShowHelp = true }),
                _ => throw new CommandLineException($"'{args[i]}' is not an option. See --help."),
            };

            string Value(string what)
            {
                var value = inline ?? (i + 1 < args.Count && !args[i + 1].StartsWith("--", StringComparison.Ordinal) ? args[++i] : "");
                return value.Length > 0 ? value : throw new CommandLineException($"{name} needs {what}.");
            }

            bool Choice(string no, string yes)
            {
                var value = Value($"{no} or {yes}");
                return value == yes || (value == no
                    ? false
                    : throw new CommandLineException($"{name} is {no} or {yes}, not '{value}'."));
            }

            CommandLine Flag(CommandLine with) =>
                inline is null ? with : throw new CommandLineException($"{name} takes no value.");
        }

        return result is { Clusters: > 1 } and ({ HostCluster: true } or { HostTailnet: true })
            ? throw new CommandLineException("--clusters needs embedded clusters on an embedded tailnet: leave --cluster and --tailnet out.")
            : result;
    }

    private static CommandLine TailnetOf(CommandLine with, string value)
    {
        const string Socket = "host:";
        return value switch
        {
            "embedded" => with with { HostTailnet = false, HostSocket = "" },
            "host" => with with { HostTailnet = true, HostSocket = "" },
            _ when value.StartsWith(Socket, StringComparison.Ordinal) && value.Length > Socket.Length => with with { HostTailnet = true, HostSocket = value[Socket.Length..] },
            _ => throw new CommandLineException($"--tailnet is embedded, host or host:SOCKET, not '{value}'."),
        };
    }

    private static CommandLine ClustersOf(CommandLine with, string value) => value is [>= '1' and <= '9']
        ? with with { Clusters = value[0] - '0' }
        : throw new CommandLineException($"--clusters is a number from 1 to 9, not '{value}'.");

    private static StackPorts PortsOf(string value) => value switch
    {
        "default" => new StackPorts(),
        "auto" => StackPorts.Free(),
        _ => StackPorts.TryParse(value) ?? throw new CommandLineException($"--ports is default or auto, not '{value}'."),
    };

    private static (string Name, string? Value) Split(string argument)
    {
        var equals = argument.IndexOf('=', StringComparison.Ordinal);
        return argument.StartsWith("--", StringComparison.Ordinal) && equals > 0
            ? (argument[..equals], argument[(equals + 1)..])
            : (argument, null);
    }
}

/// <summary>The command line cannot be followed.</summary>
internal sealed class CommandLineException(string message) : Exception(message);
