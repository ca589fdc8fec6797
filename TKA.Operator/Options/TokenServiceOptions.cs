namespace TKA.Operator.Options;

/// <summary>The token service. Configuration section <c>operator:tokenService</c>.</summary>
public sealed class TokenServiceOptions
{
    /// <summary>Name of the section.</summary>
    public const string Section = "operator:tokenService";

    /// <summary>Address to listen on. Default: all, since the API calls from another Pod.</summary>
    public string Address { get; set; } = "0.0.0.0";

    /// <summary>Port; 0 takes a free one. Default 8443.</summary>
    public int Port { get; set; } = 8443;

    /// <summary>Users that may ask for tokens. Default: the ServiceAccount <c>tka-api</c> of the system namespace.</summary>
    public IList<string>? AllowedServiceAccounts { get; set; }

    /// <summary>
    /// Users that may read the history of sessions. Default: the ServiceAccounts <c>tka-auditor</c> and <c>tka-api</c> of the system
    /// namespace; without the second, admins see no history on their page.
    /// </summary>
    public IList<string>? HistoryReaders { get; set; }

    /// <summary>PEM file of the server certificate (with its chain); read again when it changes. Empty: a self-signed CA kept in Secret <c>tka-operator-tls</c>.</summary>
    public string? CertificateFile { get; set; }

    /// <summary>PEM file of its private key.</summary>
    public string? KeyFile { get; set; }

    /// <summary>Further DNS names or IP addresses for the self-made certificate. The Service's names and the listen address are always in it.</summary>
    public IList<string>? CertificateNames { get; set; }

    /// <summary>
    /// How long a positive TokenReview is believed, so that a login does not cost another request. A caller's token that is
    /// revoked stays usable here for as long. Default 60 s.
    /// </summary>
    public TimeSpan ReviewCache { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>How long a request waits for a session that is about to become ready; less than the API waits for an answer. Default 1 s.</summary>
    public TimeSpan ReadyWait { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>Tokens per session that may be asked for at once. Default 20.</summary>
    public int Burst { get; set; } = 20;

    /// <summary>Tokens per session and minute in the long run. Default 30.</summary>
    public int PerMinute { get; set; } = 30;

    /// <summary>Audiences of the tokens. Default: the API server's own.</summary>
    public IList<string>? Audiences { get; set; }
}
