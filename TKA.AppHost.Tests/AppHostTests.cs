using System.Text.Json;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Testing;
using Microsoft.Extensions.DependencyInjection;
using TKA.Tests.EndToEnd;
using TKA.Tests.Infrastructure;
using Xunit;

namespace TKA.AppHost.Tests;

/// <summary>The application as a contributor starts it, with DCP. One start for all tests: it takes most of their time.</summary>
public sealed class AppHostTests(RunningAppHost host) : IClassFixture<RunningAppHost>
{
    [Fact]
    public async Task A_person_signs_in_uses_the_cluster_and_signs_out()
    {
        var kubeconfig = await LoginAsync();
        var (code, pods) = await Commands.RunAsync("kubectl", ["get", "pods", "-A", "-o", "name"], [new("KUBECONFIG", kubeconfig)]);
        Assert.True(code == 0, pods);
        Assert.Contains("pod/worker-0", pods, StringComparison.Ordinal);

        var (logout, text) = await host.TkaAsync("logout");
        Assert.True(logout == 0, text);
        Assert.False(File.Exists(kubeconfig));
    }

    [Theory]
    [InlineData("operator", "operator__maxPeriod")]
    [InlineData("api", "api__maxPeriod")]
    public async Task A_parameter_of_the_run_reaches_the_services(string service, string setting) =>
        Assert.Equal(RunningAppHost.MaxPeriod, (await EnvironmentAsync(host.App.Services.GetRequiredService<DistributedApplicationModel>().Resources.Single(resource => resource.Name == service)))[setting]);

    [Theory]
    [InlineData("api", "API", "API reference", "Health", "Metrics")]
    [InlineData("kubernetes", "Kubernetes")]
    [InlineData("tailnet", "Policy")]
    public void Addresses_have_names(string resource, params string[] names)
    {
        Assert.True(host.App.ResourceNotifications.TryGetCurrentState(resource, out var state), resource);
        Assert.Equal(names.Order(), state.Snapshot.Urls.Select(url => url.DisplayProperties.DisplayName).Order());
    }

    [Fact]
    public async Task A_service_that_is_restarted_takes_up_its_work()
    {
        var restarted = await host.CommandAsync("operator", KnownResourceCommands.RestartCommand);
        Assert.True(restarted.Success, restarted.Message);
        await host.HealthyAsync("operator");

        await LoginAsync();
        Assert.Equal(0, (await host.TkaAsync("logout")).ExitCode);
    }

    [Fact]
    public async Task The_commands_of_the_dashboard_do_what_they_say()
    {
        var signIn = await host.CommandAsync("api", "sign-in", ("person", "bob@example.com"), ("role", ""));
        Assert.True(signIn.Success, signIn.Message);
        Assert.StartsWith("bob@example.com has view until", signIn.Message, StringComparison.Ordinal);
        Assert.Contains("| bob@example.com | view | team-a |", (await host.CommandAsync("api", "sessions")).Data?.Value, StringComparison.Ordinal);
        Assert.True((await host.CommandAsync("api", "end-sessions")).Success);

        Assert.True((await host.CommandAsync("tailnet", "withdraw-grant", ("person", "bob@example.com"))).Success);
        await Eventually.TrueAsync(
            async () => await host.CommandAsync("api", "sign-in", ("person", "bob@example.com"), ("role", "")) is { Success: false, Message: { } why } && why.StartsWith("403", StringComparison.Ordinal),
            "bob is refused");
        Assert.True((await host.CommandAsync("tailnet", "restore-grants")).Success);
        await Eventually.TrueAsync(
            async () => (await host.CommandAsync("api", "sign-in", ("person", "bob@example.com"), ("role", ""))).Success, "bob is let in again");

        Assert.True((await host.CommandAsync("dapr-state", "pause")).Success);
        Assert.True((await host.CommandAsync("api", "sign-in", ("person", "dave@example.com"), ("role", ""))).Success);
        Assert.True((await host.CommandAsync("dapr-state", "resume")).Success);

        Assert.True((await host.CommandAsync("operator", "crash")).Success);
        await host.App.ResourceNotifications.WaitForResourceAsync("operator", KnownResourceStates.TerminalStates, TestContext.Current.CancellationToken);
        Assert.True((await host.CommandAsync("operator", KnownResourceCommands.StartCommand)).Success);
        await host.HealthyAsync("operator");
        Assert.True((await host.CommandAsync("api", "end-sessions")).Success);
    }

    [Fact]
    public async Task A_login_is_one_trace_from_tka_to_the_embedded_cluster()
    {
        // A login of another test may have waited for an operator that was just started again.
        var earlier = host.Collector.Traces.Where(trace => trace.Any(span => span.Name == "tka login")).Select(trace => trace.Key).ToHashSet();
        await LoginAsync();
        Assert.Equal(0, (await host.TkaAsync("logout")).ExitCode);

        string[] names =
        [
            "tka login", "POST /api/v1alpha1/login", "whois", "create TkaSignin", "create ServiceAccount", "create ClusterRoleBinding",
            "patch TkaSignin/status", "issue token", "create ServiceAccount/token", "POST /api/v1/namespaces/tka-sessions/serviceaccounts",
        ];
        List<OtlpCollector.Span> spans = [];
        await Eventually.TrueAsync(
            () => (spans = host.Collector.Traces.FirstOrDefault(trace => !earlier.Contains(trace.Key) && names.All(name => trace.Any(span => span.Name == name)))?.ToList() ?? []).Count > 0,
            "the whole login is exported");
        Assert.Single(spans, span => span.ParentId.Length == 0);
        Assert.All(spans, span => Assert.False(span.IsError, $"{span.Name} {string.Join(", ", span.Attributes)}"));
        Assert.Contains(spans, span => span.Name.StartsWith("reconcile tka-user-alice-", StringComparison.Ordinal));

        // Leases, watches, probes and heartbeats have been going on all the time.
        Assert.All(
            host.Collector.Traces.SelectMany(trace => trace.Where(span => span.ParentId.Length == 0)),
            root => Assert.True(root.Kind is not OtlpCollector.SpanKind.Client && !root.Name.Contains("readyz", StringComparison.Ordinal), root.Name));
    }

    [Fact]
    public void A_healthy_start_logs_no_error_and_no_warning()
    {
        string[] marks = ["stderr: ", "warn: ", "fail: ", "crit: ", "Unhandled"];
        Assert.NotEmpty(host.StartLog);
        Assert.DoesNotContain(host.StartLog, line => marks.Any(mark => line.Contains(mark, StringComparison.Ordinal)));
    }

    /// <summary>
    /// The identity of a caller is the remote address of its connection. Behind DCP's proxy all callers would be the proxy, and a
    /// forwarded header is the caller's to choose.
    /// </summary>
    [Fact]
    public async Task No_endpoint_is_proxied_and_no_forwarded_header_is_believed()
    {
        var services = host.App.Services.GetRequiredService<DistributedApplicationModel>().Resources.OfType<ProjectResource>().ToList();
        Assert.All(services.SelectMany(service => service.Annotations.OfType<EndpointAnnotation>()), endpoint => Assert.False(endpoint.IsProxied, endpoint.Name));
        foreach (var service in services)
        {
            Assert.DoesNotContain("ASPNETCORE_FORWARDEDHEADERS_ENABLED", (await EnvironmentAsync(service)).Keys);
        }
    }

    /// <summary>The model of <c>--clusters 3</c>; nothing of it is started.</summary>
    [Fact]
    public async Task Each_further_cluster_has_services_of_its_own_at_an_address_of_its_own()
    {
        var directory = Directory.CreateTempSubdirectory("tka-aspire-");
        await using (var builder = await DistributedApplicationTestingBuilder.CreateAsync<Projects.TKA_AppHost>(
            ["--clusters", "3", "--ports", "auto", "--data", directory.FullName], TestContext.Current.CancellationToken))
        {
            var services = builder.Resources.OfType<ProjectResource>().ToDictionary(service => service.Name);
            Assert.Equal(["api", "api-2", "api-3", "dev-environment", "operator", "operator-2", "operator-3", "orchestrator"], services.Keys.Order(StringComparer.Ordinal));
            foreach (var (name, address) in new[] { ("api-2", "127.0.0.11"), ("operator-2", "127.0.0.11"), ("api-3", "127.0.0.12"), ("operator-3", "127.0.0.12") })
            {
                var first = services[name.Split('-')[0]].Annotations.OfType<EndpointAnnotation>().Select(endpoint => (endpoint.Name, endpoint.Port));
                var endpoints = services[name].Annotations.OfType<EndpointAnnotation>().ToArray();
                Assert.Equal(first, endpoints.Select(endpoint => (endpoint.Name, endpoint.Port)));
                Assert.All(endpoints, endpoint => Assert.Equal((address, false), (endpoint.TargetHost, endpoint.IsProxied)));
            }

            // The first cluster registers at its first try, and the others are found at the first look.
            Assert.Superset(new HashSet<string> { "api-2", "api-3" }, Waits("orchestrator"));
            Assert.Contains("orchestrator", Waits("api"));
            Assert.All(["api-2", "api-3"], api => Assert.DoesNotContain("orchestrator", Waits(api)));

            HashSet<string> Waits(string service) => [.. services[service].Annotations.OfType<WaitAnnotation>().Select(wait => wait.Resource.Name)];
        }

        directory.Delete(recursive: true);
    }

    private async Task<IReadOnlyDictionary<string, string>> EnvironmentAsync(IResource service)
    {
        var configuration = await ExecutionConfigurationBuilder.Create(service).WithEnvironmentVariablesConfig()
            .BuildAsync(host.App.Services.GetRequiredService<DistributedApplicationExecutionContext>(), cancellationToken: TestContext.Current.CancellationToken);
        return configuration.EnvironmentVariables.ToDictionary(variable => variable.Key, variable => variable.Value);
    }

    private async Task<string> LoginAsync()
    {
        var (code, output) = await host.TkaAsync("login", "-o", "json");
        Assert.True(code == 0, output);
        return JsonDocument.Parse(output[..(output.LastIndexOf('}') + 1)]).RootElement.GetProperty("kubeconfig").GetString()!;
    }
}
