using System.Net;
using TKA.Contracts.Rest;
using TKA.Tailscale.LocalApi;
using TKA.Tests.Infrastructure;
using Xunit;

namespace TKA.Tests.Health;

/// <summary>A fault of the API's surroundings, and how to make and mend it.</summary>
internal sealed record ApiFault(FaultRow Row)
{
    /// <summary>Whether the fault is there before the API starts.</summary>
    public bool FromTheStart { get; init; }

    /// <summary>Whether it passes by itself when it is mended. Not so where the fault is a setting.</summary>
    public bool Heals { get; init; } = true;

    /// <summary>Whether cluster-info says that people can sign in; <see langword="null"/>: not asked.</summary>
    public bool? SignsIn { get; init; }

    public Dictionary<string, string?> Settings { get; init; } = [];

    public Func<ApiScene, Task> Begin { get; init; } = static _ => Task.CompletedTask;

    /// <summary>Called again and again while the fault lasts, as people go on using TKA.</summary>
    public Func<ApiScene, Task> Use { get; init; } = static _ => Task.CompletedTask;

    public Func<ApiScene, Task> End { get; init; } = static _ => Task.CompletedTask;
}

/// <summary>The faults of the API's surroundings, in the order of the documentation.</summary>
internal static class ApiFaults
{
    private const string Refusal = "injected by the test";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static IReadOnlyList<ApiFault> All { get; } =
    [
        new(new("tailscaled cannot be reached", 503, "tailscale", "failed", "tailscaled", "Not ready: tailscale"))
        {
            Begin = static scene => scene.Stack.Tailnet.DownAsync(),
            End = static scene => scene.Stack.Tailnet.UpAsync(Cancel),
        },
        new(new("tailscaled is stopped, or the node signed out", 503, "tailscale", "failed", "tailscaled is in state Stopped.", "Not ready: tailscale (tailscaled is in state Stopped.)"))
        {
            Begin = static scene => WantRunningAsync(scene, false),
            End = static scene => WantRunningAsync(scene, true),
        },
        new(new("tailscaled gives no certificate", 503, "tailscale", "failed", "There is no valid certificate to serve", "No new certificate"))
        {
            Settings = new() { ["tailscale:tls"] = "true" },
            FromTheStart = true,
            Begin = static scene => Answer(scene, static answer => answer is CertificatePem ? throw new LocalApiException(LocalApiError.RateLimited, Refusal) : answer),
            End = static scene => Answer(scene, null),
        },
        new(new("The node is not connected to the tailnet's control plane", 200, "tailscale", "degraded", "changed grants and new devices are not seen", "Ready, but degraded: tailscale"))
        {
            Begin = static scene => Answer(scene, static answer => answer is TailscaleStatus { Self: { } self } status ? status with { Self = self with { Online = false } } : answer),
            End = static scene => Answer(scene, null),
        },
        new(new("tailscaled is older than TKA supports", 200, "tailscale", "degraded", "tailscaled 1.78.1 is older than 1.80", "Ready, but degraded: tailscale"))
        {
            Begin = static scene => Answer(scene, static answer => answer is TailscaleStatus status ? status with { Version = "1.78.1" } : answer),
            End = static scene => Answer(scene, null),
        },
        new(new("Funnel opens the node to the internet", 200, "tailscale", "degraded", "Funnel opens tka.tail0dev.ts.net:443 to the internet", "Ready, but degraded: tailscale"))
        {
            Begin = static scene => ServeAsync(scene, """{"AllowFunnel":{"tka.tail0dev.ts.net:443":true}}"""),
            End = static scene => ServeAsync(scene, "{}"),
        },
        new(new("Kubernetes cannot be reached", 200, "sessions", "degraded", "watch tkasignins", "Watching tkasignins failed"))
        {
            SignsIn = false,
            Begin = static scene => Do(scene.Stack.KubernetesProxy.Refuse),
            End = static scene => Do(scene.Stack.KubernetesProxy.Resume),
        },
        new(new("The sessions cannot be listed, as without the CRD or the right", 503, "sessions", "failed", Refusal, "Watching tkasignins failed", "rest_client_requests_total{code=\"403\"}"))
        {
            FromTheStart = true,
            Begin = static scene => Do(() => scene.RefusedToApi = static request => request.Method == HttpMethod.Get && IsOfSessions(request)),
            End = static scene => Do(() => scene.RefusedToApi = null),
        },
        new(new("The API server's certificate is of a CA that is not trusted, as after a new one", 200, "sessions", "degraded", "no secure connection to the Kubernetes API", "Watching tkasignins failed"))
        {
            Begin = static scene => scene.LeadToStrangerAsync(),
            End = static scene => scene.LeadBackAsync(),
        },
        new(new("The cluster throttles every request (429)", 200, "sessions", "degraded", Refusal, "Watching tkasignins failed", "rest_client_requests_total{code=\"429\"}"))
        {
            Begin = static scene => Do(() => (scene.Status, scene.RefusedToApi) = (HttpStatusCode.TooManyRequests, static _ => true)),
            End = static scene => Do(() => scene.RefusedToApi = null),
        },
        new(new("The cluster's state is an earlier one, as after a restored backup", 200, "sessions", "ok", "sessions are known", "The cluster's state was restored to an earlier one", "tka_informer_restores_total"))
        {
            Begin = static scene => Do(() => scene.Back = 20),
            Use = static scene => scene.Person.LoginAsync(),
            End = static scene => Do(() => scene.Back = 0),
        },
        new(new("The cluster refuses to have sessions written", 200, "sessions", "degraded", "The cluster refuses to have sessions written", "Kubernetes API failed", "tka_login_attempts_total{outcome=\"failed\"}"))
        {
            SignsIn = false,
            Begin = static scene => Do(() => scene.RefusedToApi = static request => request.Method == HttpMethod.Post && IsOfSessions(request)),
            Use = static scene => scene.Person.LoginAsync(),
            End = static scene => Do(() => scene.RefusedToApi = null),
        },
        new(new("The operator cannot be reached", 200, "operator", "degraded", "The operator does not answer", "Ready, but degraded: operator"))
        {
            SignsIn = false,
            Begin = static scene => Do(scene.Stack.OperatorProxy.Refuse),
            End = static scene => Do(scene.Stack.OperatorProxy.Resume),
        },
        new(new("The operator gives no tokens", 200, "operator", "degraded", "The operator refuses requests for tokens", "operator failed", "tka_token_requests_total{outcome=\"failed\"}"))
        {
            SignsIn = false,
            Begin = static async scene =>
            {
                await SignInAsync(scene);
                scene.RefusedToOperator = static request => request.RequestUri!.AbsolutePath.EndsWith("/token", StringComparison.Ordinal);
            },
            Use = static scene => scene.Person.GetAsync(ApiRoutes.Token, wait: null),
            End = static scene => Do(() => scene.RefusedToOperator = null),
        },
        new(new("The operator does not set up sessions", 200, "sessions", "degraded", "Logins that have waited for the operator for longer than 30 s: 1.", "Ready, but degraded: sessions"))
        {
            SignsIn = false,
            Begin = static async scene =>
            {
                scene.RefusedToOperator = static request => request.Method == HttpMethod.Post && request.RequestUri!.AbsolutePath.EndsWith("/serviceaccounts", StringComparison.Ordinal);
                await scene.Person.LoginAsync();
            },
            End = static scene => Do(() => scene.RefusedToOperator = null),
        },
        new(new("The operator does nothing, as when its credentials were revoked", 200, "sessions", "degraded", "Logins that have waited for the operator for longer than 30 s: 1.", "Ready, but degraded: sessions"))
        {
            SignsIn = false,
            Begin = static async scene =>
            {
                scene.RefusedToOperator = static _ => true;
                scene.Status = HttpStatusCode.Unauthorized;
                await scene.Person.LoginAsync();
            },
            End = static scene => Do(() => scene.RefusedToOperator = null),
        },
        new(new("The operator does not end sessions", 200, "sessions", "degraded", "Sessions that the operator has not ended 30 s after they were over: 1.", "Ready, but degraded: sessions"))
        {
            SignsIn = true,
            Begin = static async scene =>
            {
                await SignInAsync(scene);
                scene.RefusedToOperator = static request => request.Method == HttpMethod.Delete;
                await scene.Person.LogoutAsync();
            },
            End = static scene => Do(() => scene.RefusedToOperator = null),
        },
        new(new("The ConfigMap with the cluster's endpoint cannot be read", 200, "cluster-info", "degraded", "There is no kubeconfig", "cannot be used"))
        {
            Settings = new()
            {
                ["clusterInfo:configMapRef:enabled"] = "true",
                ["clusterInfo:configMapRef:name"] = "there-is-none",
                ["clusterInfo:configMapRef:namespace"] = "kube-public",
                ["clusterInfo:apiEndpoint"] = "",
                ["clusterInfo:caData"] = "",
            },
            Heals = false,
        },
        new(new("The orchestrator cannot be reached, or refuses this cluster", 200, "registration", "degraded", "The orchestrator cannot be reached", "Registering with the orchestrator"))
        {
            Settings = new() { ["orchestrator:url"] = "http://127.0.0.1:9" },
            Heals = false,
        },
        new(new("The machine's clock is wrong by more than 10 s", 200, "clock", "degraded", "the clock differs from the API server's by 300 s", "Ready, but degraded: clock", "tka_clock_skew_seconds"))
        {
            Begin = static scene => Do(() => scene.Clock.Offset = TimeSpan.FromMinutes(5)),
            End = static scene => Do(() => scene.Clock.Offset = TimeSpan.Zero),
        },
    ];

    private static bool IsOfSessions(HttpRequestMessage request) => request.RequestUri!.AbsolutePath.EndsWith("/tkasignins", StringComparison.Ordinal);

    /// <summary>Signs in, as soon as what the fault before left of a session has ended.</summary>
    private static async Task SignInAsync(ApiScene scene)
    {
        await scene.UntilAsync(async () => (await scene.Person.LoginAsync()).Status is HttpStatusCode.Accepted or HttpStatusCode.OK, "a login");
        (await scene.Person.GetAsync(ApiRoutes.Login, wait: 20)).Expect(HttpStatusCode.OK);
    }

    private static Task Do(Action action)
    {
        action();
        return Task.CompletedTask;
    }

    private static Task Answer(ApiScene scene, Func<object?, object?>? change) => Do(() => scene.Answer = change);

    private static async Task WantRunningAsync(ApiScene scene, bool wanted)
    {
        using var localApi = new RawLocalApi(scene.Stack.Tailnet.SocketPath);
        await localApi.WantRunningAsync(wanted, Cancel);
    }

    private static async Task ServeAsync(ApiScene scene, string config)
    {
        using var localApi = new RawLocalApi(scene.Stack.Tailnet.SocketPath);
        using var request = new HttpRequestMessage(HttpMethod.Post, "serve-config") { Content = new StringContent(config) };
        using var stored = await localApi.SendAsync(request, Cancel);
        stored.EnsureSuccessStatusCode();
    }
}
