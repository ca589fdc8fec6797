namespace TKA.DevEnvironment.Stack;

/// <summary>How to start a stack's servers.</summary>
internal sealed record DevServersOptions
{
    /// <summary>Where files and state go.</summary>
    public required StackFiles Files { get; init; }

    /// <summary>Ports on 127.0.0.1.</summary>
    public required StackPorts Ports { get; init; }

    /// <summary>Number of the cluster that these servers are for, from 1.</summary>
    public int Cluster { get; init; } = 1;

    /// <summary>How many clusters the stack has.</summary>
    public int Clusters { get; init; } = 1;

    /// <summary>Use the current context of the user's kubeconfig, in place of an embedded cluster.</summary>
    public bool HostCluster { get; init; }

    /// <summary>Use this machine's tailscaled, in place of an embedded tailnet.</summary>
    public bool HostTailnet { get; init; }

    /// <summary>Where to log.</summary>
    public required ILoggerFactory LoggerFactory { get; init; }

    /// <summary>Makes the embedded Dapr hang.</summary>
    public DaprPause DaprPause { get; } = new();

    /// <summary>Renewal of tokens and the like.</summary>
    public Upkeep Upkeep => new(TimeProvider.System, LoggerFactory.CreateLogger<Upkeep>());

    /// <summary>As the command line says.</summary>
    public static DevServersOptions From(CommandLine options, StackFiles files, ILoggerFactory loggers) => new()
    {
        Files = files,
        Ports = options.Ports,
        Clusters = options.Clusters,
        HostCluster = options.HostCluster,
        HostTailnet = options.HostTailnet,
        LoggerFactory = loggers,
    };
}
