using System.CommandLine;
using System.Net;
using TKA.Cli.Client;
using TKA.Cli.Configuration;
using TKA.Cli.Errors;
using TKA.Cli.Output;
using TKA.Cli.Sessions;
using TKA.Cli.Terminal;
using TKA.Contracts;

namespace TKA.Cli.Commands;

/// <summary>What a command works with in one run.</summary>
/// <param name="parse">The command line.</param>
/// <param name="configuration">Configuration.</param>
/// <param name="console">The door to the terminal.</param>
/// <param name="clock">Clock.</param>
internal sealed class CommandContext(ParseResult parse, CliConfiguration configuration, CliConsole console, TimeProvider clock)
{
    /// <summary>The command line.</summary>
    public ParseResult Parse { get; } = parse;

    /// <summary>Configuration.</summary>
    public CliConfiguration Configuration { get; } = configuration;

    /// <summary>The door to the terminal.</summary>
    public CliConsole Console { get; } = console;

    /// <summary>Clock.</summary>
    public TimeProvider Clock { get; } = clock;

    /// <summary>Local address to connect from.</summary>
    public IPAddress? Source { get; } = SourceAddress.FromEnvironment();

    /// <summary>Show requests and causes.</summary>
    public bool Debug => Configuration.Is(ConfigKey.Debug);

    /// <summary>Show more detail.</summary>
    public bool Long => Configuration.Is(ConfigKey.Long) || Configuration[ConfigKey.Format] == "wide";

    /// <summary>How long to wait until something is ready.</summary>
    public TimeSpan Timeout => GoDuration.Parse(Configuration[ConfigKey.Timeout]);

    /// <summary>The server named by flag or environment; null when the configuration's host name decides.</summary>
    public string? NamedServer =>
        Parse.GetValue(GlobalOptions.Server) ?? (Environment.GetEnvironmentVariable("TKA_SERVER") is { Length: > 0 } server ? server : null);

    /// <summary>Reads the run's configuration and decides how to print.</summary>
    /// <exception cref="CliException">The configuration is unusable.</exception>
    public static CommandContext Create(ParseResult parse, TimeProvider clock, bool configMayBeMissing = false)
    {
        var file = ConfigFile.Find(
            parse.GetValue(GlobalOptions.Config) ?? (Environment.GetEnvironmentVariable("TKA_CONFIG") is { Length: > 0 } named ? named : null),
            parse.GetValue(GlobalOptions.MachineConfig) ?? CliConfiguration.MachinePath,
            configMayBeMissing);
        var configuration = new CliConfiguration(GlobalOptions.Keys(parse), file);
        var environment = TerminalEnvironment.Detect();
        var light = environment.LightBackground && !configuration.IsSet(ConfigKey.Theme);
        _ = Theme.TryFind(light ? Theme.Light : configuration[ConfigKey.Theme], out var theme);
        var console = new CliConsole(
            environment,
            theme,
            configuration[ConfigKey.Format] == "wide" ? OutputFormat.Table : Enum.Parse<OutputFormat>(configuration[ConfigKey.Format], ignoreCase: true),
            configuration.Is(ConfigKey.Quiet));
        return new CommandContext(parse, configuration, console, clock);
    }

    /// <summary>A client of the server at that address.</summary>
    public TkaClient CreateClient(Uri server) => new(CreateTransport(server), Clock, Timeout);

    /// <summary>HTTP to any server.</summary>
    public HttpTransport CreateTransport(Uri server) => new(server, Clock, Debug, Source, TailnetProxy.For(server, Configuration[ConfigKey.Proxy]), Configuration[ConfigKey.Socket]);

    /// <summary>A client of the orchestrator.</summary>
    /// <exception cref="CliException">None is configured.</exception>
    public OrchestratorClient CreateOrchestratorClient() =>
        new(CreateTransport(ServerAddress.ForOrchestrator(Configuration)));

    /// <summary>The server to sign in at: that of a cluster by name, or the configured one.</summary>
    /// <param name="cluster">From <c>--cluster</c>.</param>
    /// <param name="cancellationToken">Cancellation.</param>
    public async Task<Uri> ResolveServerAsync(string? cluster, CancellationToken cancellationToken)
    {
        if (cluster is null)
        {
            return ServerAddress.ForApi(Configuration, NamedServer);
        }

        if (SessionStore.Logins(Source?.ToString()).Find(record => record.Cluster == cluster) is { } known)
        {
            return new Uri(known.Server);
        }

        return await Console.WithProgressAsync("Asking for clusters", () => Clusters.ClusterDirectory.FindServerAsync(this, cluster, cancellationToken));
    }

    /// <summary>The server of the session that is meant: named, or configured, or else the only one signed in at.</summary>
    /// <param name="cluster">From <c>--cluster</c>.</param>
    /// <param name="cancellationToken">Cancellation.</param>
    /// <exception cref="CliException">Several could be meant.</exception>
    public async Task<Uri> ResolveSessionServerAsync(string? cluster, CancellationToken cancellationToken)
    {
        var server = await ResolveServerAsync(cluster, cancellationToken);
        var logins = SessionStore.Logins(Source?.ToString());
        if (cluster is not null || NamedServer is not null || logins.Exists(login => login.Server == server.ToString()))
        {
            return server;
        }

        return logins.DistinctBy(login => login.Server).ToList() switch
        {
            [] => server,
            [var only] => new Uri(only.Server),
            var several => throw new CliException(
                ErrorCodes.SessionAmbiguous,
                ExitCode.Usage,
                $"You are signed in at several clusters: {string.Join(", ", several.Select(login => login.Cluster))}.",
                [$"Say which one, for example with --cluster {several[0].Cluster}, or with --server HOST."]),
        };
    }
}
