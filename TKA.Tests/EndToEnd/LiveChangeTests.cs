using System.Net;
using System.Text.RegularExpressions;
using k8s;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using TKA.Contracts.Rest;
using TKA.Contracts.Sessions;
using TKA.Kubernetes.Caching;
using TKA.ServiceDefaults.Management;
using TKA.Tests.Cli;
using TKA.Tests.Infrastructure;
using TKA.Tests.Operator.Infrastructure;
using Xunit;

namespace TKA.Tests.EndToEnd;

/// <summary>
/// What TKA stands on is changed under live sessions: namespace, kind, rights, the API server's CA, credentials. API, operator and the
/// command say so, no line is an unexpected error, and all of it heals without a restart when it is put right.
/// </summary>
public sealed partial class LiveChangeTests(LiveChangeTests.RunningStack running, ITestOutputHelper output) : IClassFixture<LiveChangeTests.RunningStack>, IAsyncLifetime
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private TkaStack Stack => running.Stack;

    public ValueTask InitializeAsync()
    {
        Assert.SkipWhen(TestCluster.RealKubeconfig is not null, "Takes what other tests of the cluster stand on.");
        return ValueTask.CompletedTask;
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Fact]
    public Task The_namespace_of_the_sessions_is_deleted() => ChangeAsync(
        () => Stack.Cluster.Admin.DeleteNamespaceAsync(Stack.Installed.SessionsNamespace, cancellationToken: Cancel),
        InstallAsync,
        api: "[~]sessions degraded",
        @operator: "[~]caches degraded: watch broken: serviceaccounts (Forbidden)",
        sessionEnds: true);

    [Fact]
    public Task The_kind_is_deleted() => ChangeAsync(
        () => Stack.Cluster.Admin.DeleteCustomResourceDefinitionAsync($"{TkaSigninResource.Plural}.{TkaSigninResource.Group}", cancellationToken: Cancel),
        InstallAsync,
        api: "[~]sessions degraded",
        @operator: "[~]caches degraded: watch broken: tkasignins (NotFound)",
        sessionEnds: true);

    [Fact]
    public Task The_API_loses_its_rights() => ChangeAsync(
        () => Stack.Cluster.Admin.DeleteNamespacedRoleBindingAsync("tka-api", Stack.Installed.SessionsNamespace, cancellationToken: Cancel),
        InstallAsync,
        api: "[~]sessions degraded");

    [Fact]
    public Task The_operator_loses_its_rights() => ChangeAsync(
        async () =>
        {
            var role = await Stack.Cluster.Admin.ReadNamespacedRoleAsync("tka-operator", Stack.Installed.SessionsNamespace, cancellationToken: Cancel);
            role.Rules = [];
            await Stack.Cluster.Admin.ReplaceNamespacedRoleAsync(role, "tka-operator", Stack.Installed.SessionsNamespace, cancellationToken: Cancel);
        },
        InstallAsync,
        @operator: "[~]caches degraded: watch broken: serviceaccounts (Forbidden)",
        login: "The TKA operator runs, but cannot issue a token at the moment.");

    [Fact]
    public Task The_credentials_of_the_operator_are_revoked() => ChangeAsync(
        async () =>
        {
            // It forbids this while there are sessions. What else makes tokens invalid, such as a new signing key, it cannot forbid.
            await Stack.Cluster.Admin.DeleteValidatingAdmissionPolicyBindingAsync(Stack.Installed.LeavingNames().Policy, cancellationToken: Cancel);
            await Stack.Cluster.Admin.DeleteNamespacedServiceAccountAsync("tka-operator", Stack.Installed.SystemNamespace, cancellationToken: Cancel);
        },
        async () =>
        {
            await InstallAsync();
            await Stack.RenewOperatorCredentialsAsync(Cancel);
        },
        @operator: "the lease could be neither taken nor seen",
        ready: HttpStatusCode.ServiceUnavailable,
        login: "ask whoever runs TKA whether the operator is running");

    [Fact]
    public async Task The_API_server_shows_a_certificate_of_another_CA()
    {
        using var authority = new TestAuthority();
        await using var stranger = new TlsListener(authority.Issue("127.0.0.1"));
        var cluster = Stack.KubernetesProxy.Target;
        await ChangeAsync(
            () => LeadToAsync(new Uri($"https://127.0.0.1:{stranger.Port}")),
            () => LeadToAsync(cluster),
            api: "no secure connection to the Kubernetes API",
            @operator: "no secure connection to the Kubernetes API",
            ready: HttpStatusCode.ServiceUnavailable);
    }

    [Fact]
    public Task The_credentials_of_the_API_are_revoked() => ChangeAsync(
        () => Stack.Cluster.Admin.DeleteNamespacedServiceAccountAsync("tka-api", Stack.Installed.SystemNamespace, cancellationToken: Cancel),
        async () =>
        {
            await InstallAsync();
            await Stack.RenewApiCredentialsAsync(Cancel);
        },
        api: "[~]sessions degraded");

    /// <summary>Signs in, makes the change, sees what everybody says, puts it right, and signs in again.</summary>
    private async Task ChangeAsync(
        Func<Task> change,
        Func<Task> mend,
        string? api = null,
        string? @operator = null,
        bool sessionEnds = false,
        HttpStatusCode ready = HttpStatusCode.OK,
        string? login = null)
    {
        var person = Stack.From("127.0.0.1");
        await person.SignInAsync();
        var errors = Stack.ApiErrors.Count();
        try
        {
            await change();
            await EverybodySaysSoAsync(api, @operator, ready, login);
        }
        finally
        {
            await mend();
        }

        var said = "";
        await Eventually.TrueAsync(
            async () =>
            {
                said = await running.ReadinessAsync(Stack.ApiManagementUri) + await running.ReadinessAsync(running.OperatorUri);
                return !said.Contains("[~]", StringComparison.Ordinal) && !said.Contains("503", StringComparison.Ordinal);
            },
            "all is well again",
            seen: () => said);
        var status = (await person.GetAsync(ApiRoutes.Login, wait: null)).Status;
        Assert.True(sessionEnds || status == HttpStatusCode.OK, $"{status}");
        await person.SignInAsync();
        (await person.GetAsync(ApiRoutes.Token, wait: 20)).Expect(200);
        (await person.LogoutAsync()).Expect(200);
        Assert.Equal(errors, Stack.ApiErrors.Count());
    }

    private async Task EverybodySaysSoAsync(string? api, string? @operator, HttpStatusCode ready, string? login)
    {
        var (fromApi, fromOperator) = ("", "");
        await Eventually.TrueAsync(
            async () =>
            {
                (fromApi, fromOperator) = (await running.ReadinessAsync(Stack.ApiManagementUri), await running.ReadinessAsync(running.OperatorUri));
                return (api is null || fromApi.Contains(api, StringComparison.Ordinal))
                    && (@operator is null || fromOperator.Contains(@operator, StringComparison.Ordinal))
                    && fromOperator.StartsWith($"{(int)ready}", StringComparison.Ordinal);
            },
            "API and operator say so",
            seen: () => $"{fromApi}\n{fromOperator}");
        output.WriteLine($"{fromApi}\n{fromOperator}");
        using var home = new CliHome();
        home.Environment["TKA_SERVER"] = Stack.ApiUri.ToString();
        var status = await home.RunAsync("status");
        Assert.True(status.ExitCode is 0 or 3, status.ToString());
        var refused = await (login is null ? home.RunAsync("login") : home.RunAsync("login", "--timeout", "5s"));
        Assert.True(refused.ExitCode is 5 or 6 && refused.Error.Contains(login ?? "administrator", StringComparison.Ordinal), refused.ToString());
        if (api is null)
        {
            // The API knows no more than that the operator does nothing. That doctor says so in time, the tables of faults show by a clock of their own.
            return;
        }

        var doctor = "";
        await Eventually.TrueAsync(
            async () => (doctor = (await home.RunAsync("doctor")).Output).Contains("The server cannot start sessions now", StringComparison.Ordinal),
            "doctor says so",
            seen: () => doctor);
    }

    private Task InstallAsync() => Eventually.TrueAsync(
        async () =>
        {
            try
            {
                await Stack.Cluster.InstallTkaAsync(Cancel);
                return true;
            }
            catch (Exception exception) when (exception is not OperationCanceledException)
            {
                // What is being deleted cannot be made yet.
                output.WriteLine(exception.Message);
                return false;
            }
        },
        "deploy/ is applied");

    private Task LeadToAsync(Uri target)
    {
        foreach (var way in (FaultyProxy[])[Stack.KubernetesProxy, running.OperatorsWay])
        {
            way.Target = target;
            way.Cut();
        }

        return Task.CompletedTask;
    }

    /// <summary>One stack for all changes; its operator's way to the cluster can be led elsewhere too.</summary>
    public sealed partial class RunningStack : IAsyncLifetime
    {
        private FaultyProxy? _operatorsWay;

        public TkaStack Stack { get; private set; } = null!;

        public FaultyProxy OperatorsWay => _operatorsWay!;

        public Uri OperatorUri => Stack.Operator.Services.GetRequiredService<ManagementListener>().Uri;

        public async ValueTask InitializeAsync()
        {
            // The tests are skipped.
            if (TestCluster.RealKubeconfig is not null)
            {
                return;
            }

            Stack = await TkaStack.StartAsync(TestContext.Current.CancellationToken, new TkaStackOptions { ConfigureOperator = Divert });
        }

        public async Task<string> ReadinessAsync(Uri management)
        {
            using var http = new HttpClient { BaseAddress = management };
            using var response = await http.GetAsync("/readyz?verbose", TestContext.Current.CancellationToken);
            return $"{(int)response.StatusCode}\n{await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)}";
        }

        public async ValueTask DisposeAsync()
        {
            if (Stack is not null)
            {
                await Stack.DisposeAsync();
            }

            if (_operatorsWay is not null)
            {
                await _operatorsWay.DisposeAsync();
            }
        }

        private void Divert(WebApplicationBuilder builder)
        {
            var path = builder.Configuration["kubernetes:kubeconfig"]!;
            var text = File.ReadAllText(path);
            var cluster = ServerLine().Match(text).Groups[1].Value;
            builder.Services.AddSingleton(new ResourceInformerOptions { WatchTimeout = TimeSpan.FromSeconds(2) });
            _operatorsWay ??= new FaultyProxy(new Uri(cluster));
            File.WriteAllText(path, text.Replace(cluster, _operatorsWay.Uri.ToString().TrimEnd('/'), StringComparison.Ordinal));
        }

        [GeneratedRegex("server: (.*)")]
        private static partial Regex ServerLine();
    }
}
