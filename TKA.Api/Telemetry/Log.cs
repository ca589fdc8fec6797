namespace TKA.Api.Telemetry;

/// <summary>What the API logs, beside the audit records.</summary>
internal static partial class Log
{
    [LoggerMessage(1, LogLevel.Warning, "{Dependency} failed: {Reason}")]
    public static partial void DependencyFailed(ILogger logger, string dependency, string reason);

    [LoggerMessage(2, LogLevel.Error, "A request ended in an unexpected error.")]
    public static partial void Unexpected(ILogger logger, Exception exception);

    [LoggerMessage(10, LogLevel.Information, "The cluster is registered with the orchestrator at {Url}.")]
    public static partial void Registered(ILogger logger, Uri url);

    [LoggerMessage(11, LogLevel.Warning, "Registering with the orchestrator at {Url} failed: {Reason} Trying again every {Heartbeat}.")]
    public static partial void RegistrationFailed(ILogger logger, Uri url, string reason, TimeSpan heartbeat);

    [LoggerMessage(20, LogLevel.Warning, "Grants could not be looked at again, sessions stay as they are: {Reason}")]
    public static partial void RecheckFailed(ILogger logger, string reason);

    [LoggerMessage(21, LogLevel.Warning, "The grant of session {Session} could not be looked at again, it stays as it is: {Reason}")]
    public static partial void SessionRecheckFailed(ILogger logger, string session, string reason);

    [LoggerMessage(22, LogLevel.Warning, "{Count} sessions in this namespace were started by another installation of TKA: their grants are looked at there, not here.")]
    public static partial void ForeignSessions(ILogger logger, int count);

    [LoggerMessage(12, LogLevel.Warning, "orchestrator.proxy is {Proxy}. A SOCKS or HTTP listener of tailscaled on loopback lets every peer that may reach this node use it. Leave the key out: tailscaled's socket is asked to connect where the tailnet is no network interface.")]
    public static partial void ProxyInUse(ILogger logger, string proxy);

    [LoggerMessage(23, LogLevel.Warning, "tailscaled does not know the devices of {Count} sessions. That many are ended only if the next look does not find them either.")]
    public static partial void DevicesNotFound(ILogger logger, int count);

    [LoggerMessage(30, LogLevel.Warning, "The token service's CA bundle {Path} cannot be used: {Reason}")]
    public static partial void CaUnusable(ILogger logger, string path, string reason);

    [LoggerMessage(31, LogLevel.Warning, "The ConfigMap {Namespace}/{Name} cannot be used: {Reason}")]
    public static partial void ConfigMapUnusable(ILogger logger, string @namespace, string name, string reason);
}
