using TKA.Tests.Operator.Infrastructure;
using Xunit;

namespace TKA.Tests.Health;

/// <summary>The faults of the operator's surroundings, in the order of the documentation.</summary>
internal static class OperatorFaults
{
    private const string Refusal = "injected by the test";

    private static readonly Fault Unauthorized = new() { Status = 401, Reason = "Unauthorized" };
    private static readonly Fault Forbidden = new() { Status = 403, Reason = "Forbidden" };
    private static readonly Fault Broken = new() { Status = 500, Reason = "InternalError" };
    private static readonly Fault Throttled = new() { Status = 429, Reason = "TooManyRequests", RetryAfterSeconds = 1 };
    private static readonly Fault Silence = new() { AbortBefore = true };

    public static IReadOnlyList<OperatorFault> All { get; } =
    [
        new(new("The cluster cannot be reached", 503, "leadership", "failed", "the lease could be neither taken nor seen", "The leader lease could not be renewed or taken"))
        {
            Rule = static _ => Silence,
        },
        new(new("The cluster refuses everything", 503, "leadership", "failed", Refusal, "The leader lease could not be renewed or taken", "rest_client_requests_total{code=\"403\"}"))
        {
            Rule = static _ => Forbidden,
        },
        new(new("The operator's credentials are refused (401), as when they were revoked", 503, "leadership", "failed", Refusal, "The leader lease could not be renewed or taken", "rest_client_requests_total{code=\"401\"}"))
        {
            Rule = static _ => Unauthorized,
        },
        new(new("The Lease can be neither read nor written", 503, "leadership", "failed", Refusal, "The leader lease could not be renewed or taken", "rest_client_requests_total{resource=\"leases\"}"))
        {
            Rule = static request => request.Path.Contains("/leases", StringComparison.Ordinal) ? Forbidden : null,
        },
        new(new("A kind cannot be listed, as without the CRD or the right", 503, "caches", "failed", "not listed yet: tkasignins (Forbidden)", "Watching tkasignins failed", "rest_client_requests_total{code=\"403\"}"))
        {
            Rule = static request => IsRead(request, "tkasignins") ? Forbidden : null,
            FromTheStart = true,
        },
        new(new("A watch breaks and cannot be opened again", 200, "caches", "degraded", "watch broken: tkasignins (Forbidden)", "Watching tkasignins failed", "rest_client_requests_total{code=\"403\"}"))
        {
            Rule = static request => IsRead(request, "tkasignins") ? Forbidden : null,
        },
        new(new("The cluster lets the operator bind what its admission policies forbid", 503, "policies", "failed", "the admission policy tka-bindings of deploy/base/admission is missing", "Not leading: the cluster lets the operator", "tka_admission_policies_missing"))
        {
            Rule = static request => IsProof(request) ? new Fault { Status = 201 } : null,
            FromTheStart = true,
        },
        new(new("The cluster answers no trial binding, as with a broken webhook", 503, "policies", "failed", "could not be found out", "Leading to end sessions, although whether the admission policies are in force could not be found out", "tka_admission_policies_missing", "tka_operator_leading"))
        {
            Rule = static request => IsProof(request) ? Broken : null,
            FromTheStart = true,
        },
        new(new("There is no certificate for the token service", 503, "certificate", "failed", "no certificate yet", "The certificate of the token service cannot be loaded", "rest_client_requests_total{resource=\"secrets\"}"))
        {
            Rule = static request => request.Path.EndsWith("/secrets/tka-operator-tls", StringComparison.Ordinal) ? Forbidden : null,
            FromTheStart = true,
        },
        new(new("The cluster refuses a ServiceAccount", 200, "sessions", "degraded", Refusal, "A pass over", "tka_sessions_failing", "tka_workqueue_retries_total"))
        {
            Rule = static request => request.Method == "POST" && request.Path.EndsWith("/serviceaccounts", StringComparison.Ordinal) ? Forbidden : null,
            Begin = static scene => scene.World.LoginAsync(scene.Person),
        },
        new(new("An admission policy denies bindings", 200, "sessions", "degraded", Refusal, "was refused: DeniedByPolicy", "tka_sessions_failing", "tka_session_rejections_total"))
        {
            Rule = static request => request.Method == "POST" && request.Path.EndsWith("/clusterrolebindings", StringComparison.Ordinal) && !IsProof(request) ? Forbidden : null,
            Begin = static scene => scene.World.LoginAsync(scene.Person),
        },
        new(new("The cluster throttles what gives access (429)", 200, "sessions", "degraded", Refusal, "The Kubernetes API asks to wait", "tka_sessions_failing", "rest_client_requests_total{code=\"429\"}"))
        {
            Rule = static request => request.Method == "POST" && request.Path.EndsWith("/serviceaccounts", StringComparison.Ordinal) ? Throttled : null,
            Begin = static scene => scene.World.LoginAsync(scene.Person),
        },
        new(new("The cluster throttles every request (429)", 503, "leadership", "failed", Refusal, "The leader lease could not be renewed or taken", "rest_client_requests_total{code=\"429\"}"))
        {
            Rule = static _ => Throttled,
        },
        new(new("A status cannot be written", 200, "sessions", "degraded", Refusal, "A pass over", "tka_sessions_failing", "tka_workqueue_retries_total"))
        {
            Rule = static request => request.Method == "PATCH" && request.Path.EndsWith("/status", StringComparison.Ordinal) ? Forbidden : null,
            Begin = static scene => scene.World.LoginAsync(scene.Person),
        },
        new(new("A session's access cannot be revoked at its end", 200, "sessions", "degraded", Refusal, "Revoking the access of session", "tka_sessions_failing", "tka_revocation_failures_total", "tka_sessions_overdue"))
        {
            Rule = static request => request.Method == "DELETE" && request.Path.Contains("/serviceaccounts/", StringComparison.Ordinal) ? Broken : null,
            Begin = static async scene =>
            {
                await scene.World.LoginAsync(scene.Person, period: "10m");
                await scene.World.ReadyAsync(scene.Person);
                scene.World.Time.Advance(TimeSpan.FromMinutes(10));
            },
        },
        new(new("The cluster issues no tokens", 200, "sessions", "degraded", Refusal, "No token for session", "tka_sessions_failing", "tka_token_requests_total{outcome=\"unavailable\"}"))
        {
            Rule = static request => request.Path.EndsWith("/token", StringComparison.Ordinal) ? Forbidden : null,
            Begin = LoginAsync,
            Use = AskForTokenAsync,
        },
        new(new("The cluster reviews no tokens", 200, "sessions", "degraded", Refusal, "A caller's token could not be reviewed", "tka_sessions_failing"))
        {
            Rule = static request => request.Path.EndsWith("/tokenreviews", StringComparison.Ordinal) ? Forbidden : null,
            Begin = LoginAsync,
            Use = AskForTokenAsync,
        },
        new(new("The ledger cannot be written", 200, "ledger", "degraded", "Dapr state cannot be written", "The ledger cannot be written", "tka_ledger_pending"))
        {
            Configuration = new() { ["DAPR_GRPC_ENDPOINT"] = "http://127.0.0.1:9" },
            Begin = static scene => scene.World.LoginAsync(scene.Person),
            Heals = false,
        },
        new(new("The machine's clock is wrong by more than 10 s", 200, "clock", "degraded", "the clock differs from the API server's by 300 s", "Ready, but degraded: clock", "tka_clock_skew_seconds"))
        {
            Begin = static scene =>
            {
                scene.Clock.Offset = TimeSpan.FromMinutes(5);
                return Task.CompletedTask;
            },
            End = static scene =>
            {
                scene.Clock.Offset = TimeSpan.Zero;
                return Task.CompletedTask;
            },
        },
        new(new("The API server's certificate is of a CA that is not trusted, as after a new one", 503, "leadership", "failed", "no secure connection to the Kubernetes API", "The leader lease could not be renewed or taken"))
        {
            ThroughRelay = true,
            Begin = static scene => scene.LeadToStrangerAsync(),
            End = static scene => scene.LeadBackAsync(),
        },
        new(new("The cluster's state is an earlier one, as after a restored backup", 200, "caches", "ok", "", "The cluster's state was restored to an earlier one", "tka_informer_restores_total"))
        {
            Begin = static scene =>
            {
                scene.Back = 20;
                return scene.World.LoginAsync(scene.Person);
            },
            End = static scene =>
            {
                scene.Back = 0;
                return Task.CompletedTask;
            },
        },
        new(new("Another replica leads", 200, "leadership", "ok", "waiting; ", "Ready."))
        {
            FromTheStart = true,
            Begin = static scene => scene.LeadByAnotherAsync(),
        },
    ];

    private static bool IsRead(ProxiedRequest request, string resource) => request.Method == "GET" && request.Path.EndsWith($"/{resource}", StringComparison.Ordinal);

    private static bool IsProof(ProxiedRequest request) => request.Method == "POST" && request.Query.Contains("dryRun", StringComparison.Ordinal);

    private static async Task LoginAsync(OperatorScene scene)
    {
        await scene.World.LoginAsync(scene.Person);
        await scene.World.ReadyAsync(scene.Person);
    }

    private static async Task AskForTokenAsync(OperatorScene scene)
    {
        using var response = await scene.Operator.RequestTokenAsync((await scene.World.GetAsync(scene.Person))!, bearer: scene.Bearer ??= await scene.Operator.AudienceTokenAsync("tka-api"));
        Assert.True((int)response.StatusCode is 200 or 409 or 429 or 503, $"{response.StatusCode}");
    }
}
