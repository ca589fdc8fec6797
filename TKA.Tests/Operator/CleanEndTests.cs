using k8s;
using k8s.Models;
using TKA.Kubernetes.Client;
using TKA.Kubernetes.Sessions;
using TKA.Operator.Options;
using TKA.Operator.Sessions;
using TKA.Tests.Deploy;
using TKA.Tests.Infrastructure;
using TKA.Tests.Operator.Infrastructure;
using Xunit;

namespace TKA.Tests.Operator;

/// <summary>How TKA leaves a cluster.</summary>
public sealed class CleanEndTests(ITestOutputHelper output)
{
    private const string Alice = "alice@example.com";
    private const string Bob = "bob@example.com";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_namespace_that_is_deleted_with_live_sessions_goes_and_takes_all_access_with_it()
    {
        await using var world = await SessionWorld.StartAsync();
        await using var tested = await StartWithTwoSessionsAsync(world);

        await world.Cluster.Admin.DeleteNamespaceAsync(world.Tka.SessionsNamespace, cancellationToken: Cancel);

        await world.UntilAsync(
            async () => (await world.Cluster.Admin.ListNamespaceAsync(cancellationToken: Cancel)).Items.All(item => item.Metadata.Name != world.Tka.SessionsNamespace),
            "the namespace is gone");
        Assert.Empty(await world.RemainsAsync(Alice));
        Assert.Empty(await world.RemainsAsync(Bob));
    }

    [Fact]
    public async Task The_uninstalling_command_waits_until_every_session_has_ended()
    {
        await using var world = await SessionWorld.StartAsync();
        await using var tested = await StartWithTwoSessionsAsync(world);
        using var text = new StringWriter();

        var sessions = new ResourceClient<TkaSignin>(await OperatorTransportAsync(world), ResourceTypes.TkaSignins, world.Tka.SessionsNamespace);
        var ending = EndSessionsCommand.RunAsync(sessions, text, world.Time, Cancel);

        await world.UntilAsync(() => Task.FromResult(ending.IsCompleted), "all are ended");
        await ending;
        Assert.Contains("Ending 2 session(s).", text.ToString(), StringComparison.Ordinal);
        Assert.Empty(await world.RemainsAsync(Alice));
        Assert.Empty(await world.RemainsAsync(Bob));
    }

    /// <summary>Otherwise a person's kubectl would sign in again between the end of all sessions and the removal of the API.</summary>
    [Fact]
    public async Task No_session_starts_while_the_chart_is_uninstalled()
    {
        await using var world = await StartOverlayAsync();
        await world.LoginAsync(Alice);
        var documents = (await Rendering.ChartAsync("minimal")).Split("---\n").Where(document => document.Contains("  name: tka-uninstalling\n", StringComparison.Ordinal)).ToArray();
        var before = documents.Where(document => document.Contains("hook: pre-delete\n", StringComparison.Ordinal)).ToArray();
        Assert.Equal((4, 2), (documents.Length, before.Length));

        // It is there before the Job that ends the sessions, and until everything else is removed.
        Assert.All(documents, document => Assert.Contains("hook-weight: \"-10\"", document, StringComparison.Ordinal));
        Assert.All(documents, document => Assert.Equal(document.Contains("hook: post-delete", StringComparison.Ordinal), document.Contains("hook-succeeded", StringComparison.Ordinal)));
        await world.Cluster.Embedded.ApplyAsync(string.Join("---\n", before), Cancel);
        var refusal = await Assert.ThrowsAnyAsync<Exception>(() => world.LoginAsync(Bob));
        Assert.Contains("TKA is being uninstalled", refusal is k8s.Autorest.HttpOperationException http ? http.Response.Content : refusal.ToString(), StringComparison.Ordinal);
    }

    /// <summary>What <c>helm test</c> runs.</summary>
    [Fact]
    public async Task The_installation_is_good_when_the_policies_bind_the_operator_and_a_replica_leads()
    {
        Assert.SkipWhen(TestCluster.RealKubeconfig is not null, "takes a policy away, which a real API server takes a while to notice");
        await using var world = await SessionWorld.StartAsync();
        world.TickLength = TimeSpan.FromSeconds(1);
        Assert.Contains("No replica of the operator leads", await CheckAsync(1), StringComparison.Ordinal);
        await using var tested = await OperatorUnderTest.StartAsync(world);
        Assert.Contains("Sessions can be kept here", await CheckAsync(0), StringComparison.Ordinal);
        await world.Cluster.Admin.DeleteValidatingAdmissionPolicyBindingAsync("tka-bindings", cancellationToken: Cancel);
        Assert.Contains("the admission policy tka-bindings of deploy/base/admission is missing", await CheckAsync(1), StringComparison.Ordinal);

        async Task<string> CheckAsync(int exitCode)
        {
            using var text = new StringWriter();
            var options = Microsoft.Extensions.Options.Options.Create(new OperatorOptions { Namespace = world.Tka.SessionsNamespace, SystemNamespace = world.Tka.SystemNamespace });
            var checking = InstallationCheck.RunAsync(await OperatorTransportAsync(world), options, text, world.Time, Cancel);
            await world.UntilAsync(() => Task.FromResult(checking.IsCompleted), "it has looked");
            Assert.Equal(exitCode, await checking);
            return text.ToString();
        }
    }

    [Fact]
    public async Task The_documented_command_ends_clean_with_live_sessions()
    {
        await using var world = await StartOverlayAsync();
        await using var tested = await StartWithTwoSessionsAsync(world);
        string[] kubectl = ["--kubeconfig", world.Cluster.AdminKubeconfigPath];

        foreach (var what in (string[][])[["namespace", world.Tka.SessionsNamespace], ["-k", "deploy/overlays/ha", "--ignore-not-found"]])
        {
            var deleting = Tool.RunAsync("kubectl", [.. kubectl, "delete", .. what]);
            await world.UntilAsync(() => Task.FromResult(deleting.IsCompleted), "kubectl has waited");
            await deleting;
        }

        Assert.Empty(await world.RemainsAsync(Alice));
        Assert.Empty(await world.RemainsAsync(Bob));
        await world.UntilAsync(async () => (await RemainsOfTkaAsync(kubectl)).Length == 0, "nothing of TKA is left");
    }

    /// <summary>Everything at once, and again without waiting, as a script would: refused until the last session has ended.</summary>
    [Theory]
    [InlineData("-k", "deploy/overlays/ha", "--ignore-not-found")]
    [InlineData("namespace", "tka-sessions", "tka-system")]
    public async Task What_is_deleted_again_and_again_with_live_sessions_leaves_nothing(params string[] first)
    {
        await using var world = await StartOverlayAsync();
        await using var proxy = await FaultProxy.StartAsync(world);
        await using var tested = await StartWithTwoSessionsAsync(world, proxy);
        await GuardedAsync(world);
        string[] kubectl = ["--kubeconfig", world.Cluster.AdminKubeconfigPath];
        string[] all = [.. kubectl, "delete", "-k", "deploy/overlays/ha", "--ignore-not-found", "--wait=false"];
        proxy.Rule = static request => request.Method == "DELETE" ? new Fault { Status = 503 } : null;

        Assert.NotEqual(0, (await Tool.TryAsync("kubectl", [.. kubectl, "delete", .. first, "--wait=false"])).ExitCode);
        for (var again = 0; again < 2; again++)
        {
            var (exitCode, _, refusal) = await Tool.TryAsync("kubectl", all);
            Assert.NotEqual(0, exitCode);
            Assert.Contains("TKA has sessions, which only its operator can end.", refusal, StringComparison.Ordinal);
        }

        Assert.NotEmpty(await world.RemainsAsync(Bob));
        proxy.Rule = static _ => null;
        await world.UntilAsync(async () => (await Tool.TryAsync("kubectl", all)).ExitCode == 0, "it is deleted");

        await world.UntilAsync(async () => (await RemainsOfTkaAsync(kubectl)).Length == 0, "nothing of TKA is left");
        Assert.Empty(await world.RemainsAsync(Alice));
        Assert.Empty(await world.RemainsAsync(Bob));
    }

    /// <summary>The rest goes by itself after the last session.</summary>
    [Fact]
    public async Task What_is_deleted_once_with_live_sessions_leaves_nothing()
    {
        await using var world = await StartOverlayAsync();
        await using (await StartWithTwoSessionsAsync(world))
        {
            await GuardedAsync(world);
        }

        string[] kubectl = ["--kubeconfig", world.Cluster.AdminKubeconfigPath];
        var (exitCode, _, refusal) = await Tool.TryAsync("kubectl", [.. kubectl, "delete", "-k", "deploy/overlays/ha", "--ignore-not-found"]);

        Assert.NotEqual(0, exitCode);
        Assert.Contains("run the same command again until it succeeds", refusal, StringComparison.Ordinal);
        Assert.NotEmpty(await world.RemainsAsync(Alice));

        // A Pod of the operator that starts only now finds what it needs, and leads.
        await Tool.RunAsync("kubectl", [.. kubectl, "-n", "tka-system", "get", "secret/tka-operator-tls", "configmap/tka-operator-ca", "configmap/tka-operator-outbox", "serviceaccount/tka-operator"]);
        await using var restarted = await OperatorUnderTest.StartAsync(world, new OperatorSetup { Output = output });
        await world.UntilAsync(async () => (await RemainsOfTkaAsync(kubectl)).Length == 0, "nothing of TKA is left");
        Assert.Empty(await world.RemainsAsync(Alice));
        Assert.Empty(await world.RemainsAsync(Bob));
    }

    /// <summary>As with <c>helm install --create-namespace</c>: other things may live there.</summary>
    [Fact]
    public async Task A_namespace_that_is_not_part_of_the_installation_is_owned_by_nothing()
    {
        await using var world = await SessionWorld.StartAsync();
        await world.Cluster.Admin.PatchNamespaceAsync(
            new V1Patch("""{"metadata":{"labels":{"app.kubernetes.io/part-of":null}}}""", V1Patch.PatchType.MergePatch), world.Tka.SystemNamespace, cancellationToken: Cancel);
        await using var tested = await OperatorUnderTest.StartAsync(world, new OperatorSetup { Output = output });
        await GuardedAsync(world);
        Assert.Null((await world.Cluster.Admin.ReadNamespaceAsync(world.Tka.SystemNamespace, cancellationToken: Cancel)).Metadata.OwnerReferences);
        Assert.Null((await world.Cluster.Admin.ReadClusterRoleBindingAsync(world.Tka.LeavingNames().Rights, cancellationToken: Cancel)).Metadata.OwnerReferences);
    }

    [Fact]
    public async Task An_overlay_without_sessions_is_deleted_at_once_and_takes_the_leaving_policy_with_it()
    {
        await using var world = await StartOverlayAsync();
        await using var tested = await OperatorUnderTest.StartAsync(world, new OperatorSetup { Output = output });
        await GuardedAsync(world);
        string[] kubectl = ["--kubeconfig", world.Cluster.AdminKubeconfigPath];

        await Tool.RunAsync("kubectl", [.. kubectl, "delete", "-k", "deploy/overlays/ha", "--ignore-not-found"]);

        await world.UntilAsync(async () => (await RemainsOfTkaAsync(kubectl)).Length == 0, "nothing of TKA is left");
    }

    [Fact]
    public async Task The_operator_and_its_rights_stay_until_the_last_session_has_ended()
    {
        await using var world = await SessionWorld.StartAsync();
        await using var tested = await StartWithTwoSessionsAsync(world);
        var (admin, system, names) = (world.Cluster.Admin, world.Tka.SystemNamespace, world.Tka.LeavingNames());
        await GuardedAsync(world);
        Func<string?, Task>[] deletions =
        [
            dryRun => admin.DeleteNamespaceAsync(system, dryRun: dryRun, cancellationToken: Cancel),
            dryRun => admin.CoreV1.DeleteNamespacedServiceAccountAsync("tka-operator", system, dryRun: dryRun, cancellationToken: Cancel),
            dryRun => admin.DeleteClusterRoleAsync(names.Rights, dryRun: dryRun, cancellationToken: Cancel),
            dryRun => admin.DeleteNamespacedRoleAsync("tka-operator", system, dryRun: dryRun, cancellationToken: Cancel),
            dryRun => admin.DeleteNamespacedRoleBindingAsync("tka-operator", system, dryRun: dryRun, cancellationToken: Cancel),
            dryRun => admin.DeleteClusterRoleBindingAsync(names.Rights, dryRun: dryRun, cancellationToken: Cancel),
        ];

        // A real API server goes by a new policy after a moment.
        await Eventually.TrueAsync(async () => await IsRefusedAsync(() => deletions[^1]("All")), "the policy is in force");
        foreach (var deletion in deletions)
        {
            Assert.True(await IsRefusedAsync(() => deletion(null)));
        }

        await admin.DeleteNamespaceAsync(world.Tka.SessionsNamespace, cancellationToken: Cancel);
        await world.GoneAsync(Alice);
        await world.GoneAsync(Bob);
        await Eventually.TrueAsync(async () => !await IsRefusedAsync(() => deletions[^1](null)), "the operator's rights can be deleted");
        await Eventually.TrueAsync(
            async () => (await admin.ListValidatingAdmissionPolicyAsync(cancellationToken: Cancel)).Items.All(policy => policy.Metadata.Name != names.Policy)
                && (await admin.ListValidatingAdmissionPolicyBindingAsync(cancellationToken: Cancel)).Items.All(binding => binding.Metadata.Name != names.Policy),
            "the leaving policy is gone with them");

        static async Task<bool> IsRefusedAsync(Func<Task> deletion)
        {
            try
            {
                await deletion();
                return false;
            }
            catch (k8s.Autorest.HttpOperationException exception) when (exception.Response.Content.Contains("TKA has sessions", StringComparison.Ordinal))
            {
                return true;
            }
        }
    }

    [Fact]
    public async Task The_documented_commands_remove_what_a_dead_operator_leaves()
    {
        await using var world = await StartOverlayAsync();
        await using (await StartWithTwoSessionsAsync(world))
        {
            // It ends here, and comes back no more.
        }

        var guide = await File.ReadAllTextAsync(Path.Combine(DeployFiles.RepositoryRoot, "docs", "operator-guide.md"), Cancel);
        var commands = guide[guide.IndexOf("Operator already gone?", StringComparison.Ordinal)..].Split("```sh\n")[1].Split("```")[0].Replace("minimal", "ha", StringComparison.Ordinal);
        Assert.Equal(4, commands.Trim().Split('\n').Length);
        await Tool.RunAsync("env", $"KUBECONFIG={world.Cluster.AdminKubeconfigPath}", "bash", "-eo", "pipefail", "-c", commands);

        Assert.Empty(await world.RemainsAsync(Alice));
        Assert.Empty(await world.RemainsAsync(Bob));
        await world.UntilAsync(async () => (await RemainsOfTkaAsync(["--kubeconfig", world.Cluster.AdminKubeconfigPath])).Length == 0, "nothing of TKA is left");
    }

    /// <summary>With all that an overlay installs, under its own names.</summary>
    private static async Task<SessionWorld> StartOverlayAsync()
    {
        Assert.SkipWhen(TestCluster.RealKubeconfig is not null, "deletes TKA under its own name, which a shared cluster may have");
        var world = await SessionWorld.StartAsync();
        await world.Cluster.Embedded.ApplyAsync(ForeignKinds.Definitions, Cancel);
        await Tool.RunAsync("kubectl", "--kubeconfig", world.Cluster.AdminKubeconfigPath, "apply", "-k", "deploy/overlays/ha");
        return world;
    }

    /// <summary>Waits until the operator has created the leaving policy.</summary>
    private static Task GuardedAsync(SessionWorld world) => world.UntilAsync(
        async () => (await world.Cluster.Admin.ListValidatingAdmissionPolicyBindingAsync(cancellationToken: Cancel)).Items.Any(binding => binding.Metadata.Name == world.Tka.LeavingNames().Policy),
        "the leaving policy");

    private async Task<OperatorUnderTest> StartWithTwoSessionsAsync(SessionWorld world, FaultProxy? proxy = null)
    {
        var tested = await OperatorUnderTest.StartAsync(world, new OperatorSetup { Output = output, Proxy = proxy });
        await world.LoginAsync(Alice);
        await world.LoginAsync(Bob, "tka-edit", namespaces: "default");
        await world.ReadyAsync(Alice);
        await world.ReadyAsync(Bob);
        return tested;
    }

    private static async Task<string[]> RemainsOfTkaAsync(string[] kubectl) =>
    [
        .. (await Tool.RunAsync(
            "kubectl",
            [.. kubectl, "get", "namespaces,clusterroles,clusterrolebindings,rolebindings,validatingadmissionpolicies,validatingadmissionpolicybindings,customresourcedefinitions", "-A", "-o", "name"]))
            .Split('\n').Where(name => name.Contains("/tka", StringComparison.Ordinal)),
    ];

    /// <summary>With the operator's own rights, which its commands run under.</summary>
    private static async Task<KubernetesTransport> OperatorTransportAsync(SessionWorld world) =>
        new(new KubernetesClientOptions { Kubeconfig = await world.Tka.KubeconfigForAsync("tka-operator", Cancel) });
}
