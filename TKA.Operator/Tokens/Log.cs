namespace TKA.Operator.Tokens;

/// <summary>Log messages of the token service. Never a token.</summary>
internal static partial class Log
{
    [LoggerMessage(Level = LogLevel.Warning, Message = "A caller's token could not be reviewed. {Error}")]
    public static partial void ReviewFailed(ILogger logger, string error);

    // The cluster's own audit log names only the ServiceAccount; this line connects its credential id to the person.
    [LoggerMessage(Level = LogLevel.Information, Message = "Token {CredentialId} issued for session {Session}: user {User}, node {Node}, role {Role}, ServiceAccount uid {ServiceAccountUid}, expires {Expires}, asked for by {Caller}.")]
    public static partial void TokenIssued(
        ILogger logger, string? credentialId, string session, string user, string? node, string role, string? serviceAccountUid, DateTimeOffset expires, string? caller);

    [LoggerMessage(Level = LogLevel.Warning, Message = "No token for session {Session}: {Error}")]
    public static partial void TokenFailed(ILogger logger, string session, string error);

    [LoggerMessage(Level = LogLevel.Information, Message = "Made a new certificate for the token service, valid until {NotAfter}.")]
    public static partial void CertificateMade(ILogger logger, DateTimeOffset notAfter);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The certificate of the token service cannot be loaded; trying again in {Delay}. {Error}")]
    public static partial void CertificateFailed(ILogger logger, TimeSpan delay, string error);
}
