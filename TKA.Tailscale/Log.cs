using Microsoft.Extensions.Logging;
using TKA.Tailscale.Authentication;
using TKA.Tailscale.LocalApi;

namespace TKA.Tailscale;

internal static partial class Log
{
    [LoggerMessage(1, LogLevel.Warning, "Cannot ask tailscaled who a connection belongs to ({Error}): {Problem}")]
    public static partial void CannotAsk(ILogger logger, LocalApiError error, string problem);

    [LoggerMessage(2, LogLevel.Information, "Refused a caller ({Reason}): {Detail}")]
    public static partial void Refused(ILogger logger, TailscaleRefusalReason reason, string detail);

    [LoggerMessage(3, LogLevel.Information, "Certificate for {Domain} in use, valid until {NotAfter:O}")]
    public static partial void CertificateLoaded(ILogger logger, string domain, DateTimeOffset notAfter);

    [LoggerMessage(4, LogLevel.Warning, "No new certificate ({Problem}); trying again in {Wait}")]
    public static partial void CertificateFailed(ILogger logger, string problem, TimeSpan wait);

    [LoggerMessage(5, LogLevel.Information, "Serving the tailnet on {EndPoint}")]
    public static partial void Listening(ILogger logger, string endPoint);

    [LoggerMessage(6, LogLevel.Warning, "Waiting for tailscaled to tell this node's addresses: {Problem}")]
    public static partial void WaitingForAddresses(ILogger logger, string problem);

    [LoggerMessage(9, LogLevel.Critical, "Stopping: {Problem}")]
    public static partial void ManagementExposed(ILogger logger, string problem);

    [LoggerMessage(8, LogLevel.Warning, "Closed a connection to the serve socket: its user id is {Uid}, tailscaled's is {Expected}")]
    public static partial void NotTailscaled(ILogger logger, uint? uid, uint? expected);

    [LoggerMessage(7, LogLevel.Error, "Funnel opens {Host} to the internet; requests that come that way are refused. Turn it off with: tailscale funnel reset")]
    public static partial void FunnelOpen(ILogger logger, string host);
}
