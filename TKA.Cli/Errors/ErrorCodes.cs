namespace TKA.Cli.Errors;

/// <summary>Stable names of every error <c>tka</c> reports. Each has a row in <c>docs/troubleshooting.md</c> and a test that produces it.</summary>
internal static class ErrorCodes
{
    public const string Usage = "usage";
    public const string Unexpected = "unexpected";
    public const string Interrupted = "interrupted";

    public const string ConfigUnreadable = "config-unreadable";
    public const string ConfigInvalidValue = "config-invalid-value";
    public const string ConfigMissing = "config-missing";
    public const string ConfigUnwritable = "config-unwritable";
    public const string ServerAddressInvalid = "server-address-invalid";
    public const string SourceAddressInvalid = "source-address-invalid";

    public const string ServerNameUnknown = "server-name-unknown";
    public const string ServerRefused = "server-connection-refused";
    public const string ServerNoRoute = "server-no-route";
    public const string ServerTimeout = "server-timeout";
    public const string ServerTls = "server-tls";
    public const string ServerBroken = "server-connection-lost";
    public const string ServerNotTka = "server-not-tka";
    public const string ServerMisdirected = "server-misdirected";
    public const string ServerUnavailable = "server-unavailable";
    public const string ServerBusy = "server-busy";
    public const string ServerError = "server-error";

    public const string NotSignedIn = "not-signed-in";
    public const string AccessRefused = "access-refused";
    public const string IdentityRefused = "identity-refused";
    public const string SessionRejected = "session-rejected";
    public const string RequestInvalid = "request-invalid";
    public const string SessionUnknown = "session-unknown";
    public const string SessionLimit = "session-limit";
    public const string SessionOfAnother = "session-of-another";
    public const string ServerTooOld = "server-too-old";
    public const string NotReady = "not-ready";
    public const string ClockSkew = "clock-skew";

    public const string KubeconfigInvalid = "kubeconfig-invalid";
    public const string KubeconfigUnwritable = "kubeconfig-unwritable";
    public const string KubeconfigLocked = "kubeconfig-locked";
    public const string KubeconfigConflict = "kubeconfig-conflict";
    public const string KubeconfigFromServer = "kubeconfig-from-server";
    public const string StateUnwritable = "state-unwritable";
    public const string DiskFull = "disk-full";

    public const string OrchestratorUnset = "orchestrator-unset";
    public const string ClusterUnknown = "cluster-unknown";
    public const string ClusterWithoutTka = "cluster-without-tka";
    public const string SessionAmbiguous = "session-ambiguous";

    public const string NestedShell = "nested-shell";
    public const string CommandNotFound = "command-not-found";
    public const string CommandNotExecutable = "command-not-executable";
    public const string ShellUnknown = "shell-unknown";
}
