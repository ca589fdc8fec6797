using System.Collections.Concurrent;
using k8s;
using k8s.Models;
using Microsoft.Extensions.Time.Testing;
using TKA.Contracts;
using TKA.Contracts.Sessions;
using TKA.Kubernetes.Client;
using TKA.Kubernetes.Sessions;
using TKA.Tests.Infrastructure;
using Xunit;

namespace TKA.Tests.Operator.Infrastructure;

/// <summary>A cluster with TKA installed, a clock to turn, and the moves TKA's API makes, under the API's own rights.</summary>
internal sealed class SessionWorld : IAsyncDisposable
{
    private readonly KubernetesTransport _apiTransport;
    private readonly KubernetesTransport _adminTransport;
    private readonly ConcurrentQueue<AskedSession> _asked = [];

    private SessionWorld(TestCluster cluster, InstalledTka tka, string apiKubeconfig)
    {
        Cluster = cluster;
        Tka = tka;
        Time = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        Clock = new OffsetTime(Time);
        Tokens = new TokenBook(Clock);
        Rates = new RequestRates(Time);
        _apiTransport = new KubernetesTransport(new KubernetesClientOptions { Kubeconfig = apiKubeconfig });
        _adminTransport = new KubernetesTransport(new KubernetesClientOptions { Kubeconfig = cluster.AdminKubeconfigPath });
        Api = new ResourceClient<TkaSignin>(_apiTransport, ResourceTypes.TkaSignins, tka.SessionsNamespace);
        Admin = new ResourceClient<TkaSignin>(_adminTransport, ResourceTypes.TkaSignins, tka.SessionsNamespace);
        ServiceAccounts = new ResourceClient<V1ServiceAccount>(_adminTransport, ResourceTypes.ServiceAccounts, tka.SessionsNamespace);
        RoleBindings = new ResourceClient<V1RoleBinding>(_adminTransport, ResourceTypes.RoleBindings);
        ClusterRoleBindings = new ResourceClient<V1ClusterRoleBinding>(_adminTransport, ResourceTypes.ClusterRoleBindings);
        ClusterRoles = new ResourceClient<V1ClusterRole>(_adminTransport, ResourceTypes.ClusterRoles);
        Shown = new ShownSessions(Api);
        Events = new ResourceClient<Corev1Event>(_adminTransport, ResourceTypes.Events, tka.SessionsNamespace);
    }

    public TestCluster Cluster { get; }

    public InstalledTka Tka { get; }

    /// <summary>What all durations and timers follow.</summary>
    public FakeTimeProvider Time { get; }

    /// <summary>The wall clock of the cluster and of TKA's API; the same as <see cref="Time"/> unless a test lets it jump.</summary>
    public OffsetTime Clock { get; }

    /// <summary>The tokens that the operators got from the cluster.</summary>
    public TokenBook Tokens { get; }

    /// <summary>How many requests the operators send for each session.</summary>
    public RequestRates Rates { get; }

    /// <summary>Every sign-in, oldest first.</summary>
    public IReadOnlyList<AskedSession> Asked => [.. _asked];

    /// <summary>TkaSignins with the rights of TKA's API.</summary>
    public ResourceClient<TkaSignin> Api { get; }

    /// <summary>TkaSignins with every right.</summary>
    public ResourceClient<TkaSignin> Admin { get; }

    public ResourceClient<V1ServiceAccount> ServiceAccounts { get; }

    public ResourceClient<V1RoleBinding> RoleBindings { get; }

    public ResourceClient<V1ClusterRoleBinding> ClusterRoleBindings { get; }

    public ResourceClient<V1ClusterRole> ClusterRoles { get; }

    /// <summary>What people are shown.</summary>
    public ShownSessions Shown { get; }

    public ResourceClient<Corev1Event> Events { get; }

    public static async Task<SessionWorld> StartAsync()
    {
        var cluster = await TestCluster.StartAsync(Cancel);
        var tka = await cluster.InstallTkaAsync(Cancel);
        return new SessionWorld(cluster, tka, await tka.KubeconfigForAsync("tka-api", Cancel));
    }

    /// <summary>
    /// Name of a session in these tests: the login name is the base session, <c>alice@example.com#edit</c> the session of role edit
    /// beside it. Every method here takes such a text.
    /// </summary>
    public static string NameOf(string session) =>
        session.Split('#') is [var login, var role] ? SessionNames.ForRole(login, role) : SessionNames.ForLogin(session);

    /// <summary>Signs in, or in again, as the API does. The role is the base session's.</summary>
    public Task<TkaSignin> LoginAsync(string login, string role = "view", string period = "30m", params string[] namespaces) =>
        LoginAsync(login, Clock.GetUtcNow(), role, period, namespaces);

    /// <summary>Signs in by a clock of the API's own.</summary>
    public Task<TkaSignin> LoginAsync(string login, DateTimeOffset asked) => LoginAsync(login, asked, "view", "30m", []);

    private async Task<TkaSignin> LoginAsync(string login, DateTimeOffset at, string role, string period, string[] namespaces)
    {
        var name = NameOf(login);
        Rates.Changed(name);
        var spec = new TkaSigninSpec
        {
            Username = login.Split('#')[0],
            Role = login.Split('#') is [_, var beside] ? beside : role,
            ValidityPeriod = period,
            Namespaces = namespaces.Length == 0 ? null : namespaces,
            Node = new SigninNode { Name = "laptop", StableId = "n1CNTRL" },
        };
        var asked = UtcTimeConverter.ToText(at);
        while (true)
        {
            var now = Clock.GetUtcNow();
            try
            {
                if (await Api.TryGetAsync(name, Cancel) is not { } existing)
                {
                    return Note(now, await Api.CreateAsync(
                        new TkaSignin
                        {
                            Metadata = new V1ObjectMeta
                            {
                                Name = name,
                                NamespaceProperty = Tka.SessionsNamespace,
                                Finalizers = [TkaSigninResource.Finalizer],
                                Labels = new Dictionary<string, string> { [TkaLabels.SessionOf] = SessionNames.UserSlug(spec.Username) },
                                Annotations = new Dictionary<string, string> { [TkaAnnotations.LastAttemptedSignIn] = asked },
                            },
                            Spec = spec,
                        },
                        Cancel));
                }

                if (existing.Metadata.DeletionTimestamp is null)
                {
                    existing.Spec = spec;
                    existing.Metadata.Annotations[TkaAnnotations.LastAttemptedSignIn] = asked;
                    return Note(now, await Api.ReplaceAsync(existing, Cancel));
                }
            }
            catch (KubernetesRequestException exception) when (exception.Error is KubernetesError.Conflict or KubernetesError.AlreadyExists or KubernetesError.NotFound)
            {
                // Somebody was faster: look again.
            }

            Tick();
            await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System, Cancel);
        }
    }

    private TkaSignin Note(DateTimeOffset at, TkaSignin signin)
    {
        if (GoDuration.TryParse(signin.Spec.ValidityPeriod, out var period))
        {
            _asked.Enqueue(new AskedSession(signin.Metadata.Name, signin.Metadata.Uid, signin.Spec.Role, signin.Namespaces(), at, at + period));
        }

        return signin;
    }

    /// <summary>Signs out, as the API does.</summary>
    public async Task LogoutAsync(string login)
    {
        Rates.Changed(NameOf(login));
        await Api.DeleteAsync(NameOf(login), null, Cancel);
    }

    /// <summary>
    /// What a restart is to the cluster: an operator without memory looks at everything once. (Beside one that may be running, which is
    /// the harder case.)
    /// </summary>
    public async Task RestartAsync()
    {
        await using var fresh = await OperatorUnderTest.StartAsync(this, new OperatorSetup { Configuration = new() { ["operator:leaderElection"] = "false" } });
        var seen = "";
        await Eventually.TrueAsync(
            async () =>
            {
                Tick();
                // Counted anew each time: one that ran out meanwhile may be gone before the fresh operator has seen it.
                var sessions = (await Admin.ListAsync(null, Cancel)).Items.Count;
                seen = $"{fresh.Metric("tka_reconcile_total")} of {sessions} sessions, {fresh.Metric("tka_workqueue_depth")} waiting";
                return fresh.Metric("tka_reconcile_total") >= sessions && fresh.Metric("tka_workqueue_depth") == 0;
            },
            "a fresh operator has looked at everything",
            seen: () => seen);
    }

    /// <summary>How much the clock moves with every look at the cluster, so that the operator's retries come about.</summary>
    public TimeSpan TickLength { get; set; } = TimeSpan.FromMilliseconds(20);

    /// <summary>While it says so, the clock stands still: on a busy machine the wait for an answer would otherwise be minutes of the test's time.</summary>
    public Func<bool> IsHeld { get; set; } = static () => false;

    /// <summary>Moves the clock a little.</summary>
    public void Tick()
    {
        if (!IsHeld())
        {
            Time.Advance(TickLength);
        }
    }

    /// <summary>Waits for a condition while the clock ticks.</summary>
    public Task UntilAsync(Func<Task<bool>> condition, string what, TimeSpan? deadline = null) => Eventually.TrueAsync(
        () =>
        {
            Tick();
            return condition();
        },
        what,
        deadline);

    /// <summary>Waits until the operator says the session is ready for what was asked last.</summary>
    public async Task<TkaSignin> ReadyAsync(string login)
    {
        TkaSignin? last = null;
        await UntilAsync(
            async () => (last = await GetAsync(login)) is { } signin && signin.IsReady() && signin.ReflectsLatestSignIn(),
            $"{login} ready (last: {Describe(last)})");
        return last!;
    }

    /// <summary>Waits for a Ready condition with this reason.</summary>
    public async Task<TkaSignin> ReasonAsync(string login, string reason)
    {
        TkaSignin? last = null;
        await UntilAsync(async () => (last = await GetAsync(login))?.ReadyCondition()?.Reason == reason, $"{login} {reason}");
        return last!;
    }

    /// <summary>Waits until nothing is left of a session.</summary>
    public Task GoneAsync(string login) =>
        UntilAsync(async () => await GetAsync(login) is null && (await RemainsAsync(login)).Count == 0, $"{login} gone");

    public Task<TkaSignin?> GetAsync(string login) => Admin.TryGetAsync(NameOf(login), Cancel);

    /// <summary>Names of the objects of a session, found by name as well as by label.</summary>
    public async Task<IReadOnlyList<string>> RemainsAsync(string login)
    {
        var name = NameOf(login);
        return
        [
            .. (await ServiceAccounts.ListAsync(null, Cancel)).Items.Where(account => account.Metadata.Name == name).Select(account => $"serviceaccount {account.Metadata.Name}"),
            .. (await ClusterRoleBindings.ListAsync(null, Cancel)).Items.Where(binding => IsOf(binding.Metadata, binding.Subjects, name)).Select(binding => $"clusterrolebinding {binding.RoleRef.Name}"),
            .. (await RoleBindings.ListAsync(null, Cancel)).Items.Where(binding => IsOf(binding.Metadata, binding.Subjects, name)).Select(binding => $"rolebinding {binding.Metadata.NamespaceProperty} {binding.RoleRef.Name}"),
        ];
    }

    /// <summary>Events with a reason, on any session.</summary>
    public async Task<int> CountEventsAsync(string reason) =>
        (await Events.ListAsync(null, Cancel)).Items.Count(item => item.Reason == reason && item.InvolvedObject.Kind == TkaSigninResource.Kind);

    /// <summary>Whether a token may list Pods: 200, 401 or 403.</summary>
    public async Task<int> TryPodsAsync(string token, string? ns = null)
    {
        using var client = TestCluster.Client(Cluster.WriteKubeconfig("person", token));
        try
        {
            _ = ns is null
                ? await client.CoreV1.ListPodForAllNamespacesAsync(cancellationToken: Cancel)
                : await client.CoreV1.ListNamespacedPodAsync(ns, cancellationToken: Cancel);
            return 200;
        }
        catch (k8s.Autorest.HttpOperationException exception)
        {
            return (int)exception.Response.StatusCode;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Shown.DisposeAsync();

        // Its clean-up may go through the clients here.
        await Cluster.DisposeAsync();
        _apiTransport.Dispose();
        _adminTransport.Dispose();
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    // On a real cluster other tests have sessions of the same people, in namespaces of their own.
    private bool IsOf(V1ObjectMeta metadata, IList<Rbacv1Subject>? subjects, string session) =>
        metadata.Name.StartsWith(session + "-", StringComparison.Ordinal)
        && ((metadata.Labels?.TryGetValue(TkaLabels.SessionNamespace, out var ns) == true && ns == Tka.SessionsNamespace)
            || subjects?.Any(subject => subject.NamespaceProperty == Tka.SessionsNamespace) == true);

    private static string Describe(TkaSignin? signin) =>
        signin is null ? "none" : $"{signin.ReadyCondition()?.Status} {signin.ReadyCondition()?.Reason} {signin.ReadyCondition()?.Message}";
}

/// <summary>What somebody asked for, and until when that is good at most.</summary>
internal sealed record AskedSession(string Name, string Uid, string Role, IReadOnlyList<string> Namespaces, DateTimeOffset At, DateTimeOffset Until);
