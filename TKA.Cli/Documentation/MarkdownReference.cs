using System.CommandLine;
using System.Text;
using TKA.Cli.Commands;
using TKA.Cli.Configuration;

namespace TKA.Cli.Documentation;

/// <summary>The command line reference, written from the command tree itself.</summary>
internal static class MarkdownReference
{
    private static readonly (int Code, string Meaning)[] ExitCodes =
    [
        (ExitCode.Success, "done; also `tka logout` when you were not signed in"),
        (ExitCode.Failure, "failed for another reason"),
        (ExitCode.Usage, "wrong usage"),
        (ExitCode.NotSignedIn, "not signed in, or the session is over"),
        (ExitCode.Refused, "refused by policy: of the tailnet or of the cluster"),
        (ExitCode.Unreachable, "server unreachable, or unable to serve now"),
        (ExitCode.NotReady, "not ready in time"),
        (ExitCode.Unusable, "a configuration or kubeconfig file is unusable"),
        (ExitCode.CannotExecute, "`tka exec`: the command cannot be executed"),
        (ExitCode.CommandNotFound, "`tka exec`: there is no such command"),
        (ExitCode.Interrupted, "interrupted"),
    ];

    /// <summary>The whole document.</summary>
    public static string Write(RootCommand root)
    {
        var text = new StringBuilder();
        text.Append($"""
            # Command line reference

            <!-- Written by `tka generate documentation docs/cli.md`; a test checks that it is current. -->

            {root.Description}

            What errors mean and what to do about them: [troubleshooting](troubleshooting.md).

            ## Installing

            One native binary, compiled on the system it is for (an arm64 Linux binary also on x64 Linux with the cross tools of the distribution):

            ```sh
            dotnet publish TKA.Cli -c Release -r linux-x64 -o artifacts/tka
            dotnet publish TKA.Cli -c Release -r linux-arm64 -o artifacts/tka
            dotnet publish TKA.Cli -c Release -r osx-arm64 -o artifacts/tka
            dotnet publish TKA.Cli -c Release -r win-x64 -o artifacts/tka
            ```

            Or as a .NET tool, which needs the .NET runtime and starts slower:

            ```sh
            dotnet pack TKA.Cli -c Release -o artifacts/tka
            dotnet tool install --global TKA.Cli --add-source artifacts/tka
            ```

            From a working copy `dotnet run --project TKA.Cli -- login` talks to the stack that `dotnet run --project TKA.AppHost` started.

            ## Flags of every command

            | Flag | Meaning |
            | --- | --- |

            """);
        AppendOptions(text, GlobalOptions.All);
        text.Append("""

            ## Configuration

            Highest first: flag, environment variable, file, default. The file is the one of `--config` or `TKA_CONFIG`, else the first there is of
            `$XDG_CONFIG_HOME/tka/config.yaml` (`~/.config/tka/config.yaml`) and `/etc/tka/config.yaml`. The working directory is never looked into;
            the Go TKA's `./config.yaml` is read with `--config config.yaml`.
            `TKA_SERVER` and `TKA_ORCHESTRATOR` are the same as `--server` and `--orchestrator`. An empty variable counts as not set; an empty flag or
            argument is refused.

            The server's URL is `https://{hostname}.{tailnet}` on port 443 and `http://` on other ports; a host name with dots or an IP address gets no tailnet, and a URL is used as given.

            | Key | Environment variable | Default | Meaning |
            | --- | --- | --- | --- |

            """);
        foreach (var key in ConfigKey.All)
        {
            text.Append($"| `{key.Name}` | `{key.EnvironmentVariable}` | {(key.Default is "" ? "" : $"`{key.Default}`")} | {Cell(key.Description)} |\n");
        }

        text.Append("""

            A tailscaled in userspace mode (containers, CI runners) gives programs no network of its own: its outbound proxy does. `tailscale.proxy` or
            `--proxy` names it (`socks5h://127.0.0.1:1055`); without that, when the server's name does not resolve, `ALL_PROXY` or `HTTPS_PROXY` is used if it
            names a proxy on this machine. A proxy elsewhere is only used when you name it: the server knows people by where they come from.

            `NO_COLOR` (not empty) switches colour, boxes and spinner off, `CLICOLOR_FORCE` switches colour on without a terminal, `TERM=dumb` and `CI` are respected. A locale without
            UTF-8 gets ASCII, and `COLORFGBG` with a light background the theme `light` unless another is configured.
            `TRACEPARENT` (W3C Trace Context) makes the servers' traces part of yours; without it each run is a trace of its own.
            `TKA_DEV_SOURCE` makes connections from that local address: the embedded tailnet's devices are told apart by it.

            ## Exit codes

            | Code | Meaning |
            | --- | --- |

            """);
        foreach (var (code, meaning) in ExitCodes)
        {
            text.Append($"| {code} | {meaning} |\n");
        }

        text.Append("""

            `tka exec` and `tka shell -- COMMAND` pass the command's own exit code on.

            ## Files

            | Path | Content |
            | --- | --- |
            | `$XDG_STATE_HOME/tka/kubeconfigs/` (`~/.local/state/tka`) | kubeconfigs with a token, mode 0600; removed by logout, at the end of a shell, and when over |
            | `$XDG_STATE_HOME/tka/sessions/` | what login wrote, for logout to remove; no secrets |
            | `$XDG_CACHE_HOME/tka/tokens/` (`~/.cache/tka`) | tokens of `tka credential`, mode 0600; removed by logout |
            | `$XDG_CONFIG_HOME/tka/config.yaml` (`~/.config/tka`) | configuration |

            Without a writable home directory state and cache are in `$XDG_RUNTIME_DIR/tka`, else in a private directory among the temporary files. Owner,
            group, mode, access list and links of a file that was there stay as they were, and a mounted file is written in place.

            ## Commands

            """);
        foreach (var command in root.Subcommands.OrderBy(command => command.Name, StringComparer.Ordinal))
        {
            AppendCommand(text, command, "tka");
        }

        return text.ToString();
    }

    private static void AppendCommand(StringBuilder text, Command command, string parent)
    {
        if (command.Hidden)
        {
            return;
        }

        var name = $"{parent} {command.Name}";
        text.Append($"\n### {name}\n\n{command.Description}\n\n```text\n{name}{CommandUsage.Of(command)}\n```\n");
        if (command.Aliases.Count > 0)
        {
            text.Append($"\nAlso: {string.Join(", ", command.Aliases.Order(StringComparer.Ordinal).Select(alias => $"`{parent} {alias}`"))}\n");
        }

        if (command is CliCommand { Details: { Length: > 0 } details })
        {
            text.Append($"\n{details}\n");
        }

        if (command.Arguments.Count > 0 || command.Options.Any(option => !option.Hidden))
        {
            text.Append("\n| | |\n| --- | --- |\n");
            foreach (var argument in command.Arguments)
            {
                text.Append($"| `{argument.Name}` | {Cell(argument.Description ?? "")} |\n");
            }

            AppendOptions(text, command.Options);
        }

        if (command is CliCommand { Examples: { Count: > 0 } examples })
        {
            text.Append("\n```sh\n").AppendJoin("\n\n", examples.Select(example => $"# {example.Comment}\n{example.Line}")).Append("\n```\n");
        }

        foreach (var child in command.Subcommands)
        {
            AppendCommand(text, child, name);
        }
    }

    private static void AppendOptions(StringBuilder text, IEnumerable<Option> options)
    {
        foreach (var option in options.Where(option => !option.Hidden))
        {
            var names = option.Aliases.Order(StringComparer.Ordinal).Prepend(option.Name).Select(name => $"`{name}`");
            var value = option.HelpName is { Length: > 0 } help ? $" `{Cell(help)}`" : "";
            text.Append($"| {string.Join(", ", names)}{value} | {Cell(option.Description ?? "")} |\n");
        }
    }

    private static string Cell(string text) => text.Replace("|", "\\|", StringComparison.Ordinal);
}
