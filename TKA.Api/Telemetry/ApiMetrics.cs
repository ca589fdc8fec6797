using System.Diagnostics.Metrics;

namespace TKA.Api.Telemetry;

/// <summary>The API's metrics. Roles are labels because the policy bounds them; user names never are.</summary>
internal sealed class ApiMetrics : IDisposable
{
    public const string MeterName = "TKA.Api";

    /// <summary>Label of a login that got no role.</summary>
    public const string NoRole = "none";

    private readonly Meter _meter;
    private readonly Counter<long> _attempts;
    private readonly Counter<long> _signins;
    private readonly Counter<long> _tokens;
    private readonly Counter<long> _rechecks;

    public ApiMetrics(IMeterFactory meterFactory)
    {
        _meter = meterFactory.Create(MeterName);
        _attempts = _meter.CreateCounter<long>("tka_login_attempts_total", "{attempt}", "Logins asked for, by role and outcome (granted, refused, failed).");
        _signins = _meter.CreateCounter<long>("tka_user_signins_total", "{signin}", "Logins granted, by role.");
        _tokens = _meter.CreateCounter<long>("tka_token_requests_total", "{request}", "Tokens asked for, by outcome (issued, pending, refused, failed).");
        _rechecks = _meter.CreateCounter<long>("tka_grant_rechecks_total", "{session}", "Sessions whose grant was looked at again, by outcome (unchanged, shrunk, ended, unknown).");
    }

    /// <summary>Counts a login.</summary>
    public void LoginAttempt(string role, string outcome) =>
        _attempts.Add(1, new KeyValuePair<string, object?>("cluster_role", role), new KeyValuePair<string, object?>("outcome", outcome));

    /// <summary>Counts a granted login.</summary>
    public void Signin(string role) => _signins.Add(1, new KeyValuePair<string, object?>("cluster_role", role));

    /// <summary>Counts a token.</summary>
    public void TokenRequest(string outcome) => _tokens.Add(1, new KeyValuePair<string, object?>("outcome", outcome));

    /// <summary>Counts a session looked at again.</summary>
    public void Recheck(string outcome) => _rechecks.Add(1, new KeyValuePair<string, object?>("outcome", outcome));

    /// <summary>Reports live sessions by role whenever metrics are read.</summary>
    public void ObserveSessions(Func<IEnumerable<(string Role, int Count)>> count) =>
        _meter.CreateObservableGauge(
            "tka_active_user_sessions",
            () => count().Select(item => new Measurement<int>(item.Count, new KeyValuePair<string, object?>("cluster_role", item.Role))),
            "{session}",
            "Live sessions by role.");

    public void Dispose() => _meter.Dispose();
}
