using System.Text.Json;
using k8s;
using k8s.Models;
using TKA.Tests.Infrastructure;
using Xunit;

namespace TKA.Tests.Cli;

/// <summary>The doctor's checks of this machine: whether kubectl uses the session, and whether it may call tka.</summary>
public sealed class DoctorTests : FakeServerTests
{
    [Fact]
    public async Task A_session_that_kubectl_does_not_use_here_is_a_warning_with_the_line_that_helps()
    {
        Assert.Equal("skipped", (await CheckAsync("Session")).GetProperty("result").GetString());
        var kubeconfig = (await Home.RunAsync("login", "-o", "json")).Json.GetProperty("kubeconfig").GetString()!;

        var check = await CheckAsync("Session");
        Assert.Equal("warning", check.GetProperty("result").GetString());
        Assert.Equal($"export KUBECONFIG='{kubeconfig}'", check.GetProperty("advice").GetString());

        Home.Environment["KUBECONFIG"] = kubeconfig;
        Assert.Equal("ok", (await CheckAsync("Session")).GetProperty("result").GetString());
        await Home.RunAsync("logout");
        Assert.Contains("not there any more", (await CheckAsync("Session")).GetProperty("message").GetString(), StringComparison.Ordinal);

        Home.Environment.Remove("KUBECONFIG");
        await Home.RunAsync("login", "--merge");
        Assert.Equal("kubectl config use-context tka-127.0.0.1", (await CheckAsync("Session")).GetProperty("advice").GetString());
        await Home.RunAsync("login", "--merge", "--use");
        Assert.Equal("ok", (await CheckAsync("Session")).GetProperty("result").GetString());
    }

    [Theory]
    [InlineData("delete-user")]
    [InlineData("delete-context")]
    [InlineData("delete-cluster")]
    [InlineData("")]
    [InlineData("delete-user", "--use")]
    [InlineData("delete-context", "--use")]
    [InlineData("", "--use")]
    public async Task Merged_entries_that_are_gone_are_told_with_the_line_that_writes_them_again(string deletion, params string[] options)
    {
        await Home.RunAsync(["login", "--merge", .. options]);
        if (deletion.Length == 0)
        {
            File.Delete(Home.File(".kube/config"));
        }
        else
        {
            await Home.RunProgramAsync("kubectl", ["config", deletion, "tka-127.0.0.1"]);
        }

        var check = await CheckAsync("Session");

        Assert.Equal("You are signed in, but what tka added to ~/.kube/config is not whole any more.", check.GetProperty("message").GetString());
        Assert.Equal("Write it again: tka login --merge --use", check.GetProperty("advice").GetString());
        await Home.RunAsync("login", "--merge", "--use");
        Assert.Equal("ok", (await CheckAsync("Session")).GetProperty("result").GetString());
    }

    [Fact]
    public async Task Merged_entries_in_a_file_that_kubectl_does_not_read_here_are_told_with_the_line_that_helps()
    {
        await Home.RunAsync("login", "--merge");
        await Home.RunProgramAsync("kubectl", ["config", "rename-context", "tka-127.0.0.1", "work"]);
        Assert.Equal("kubectl config use-context work", (await CheckAsync("Session")).GetProperty("advice").GetString());

        Home.Environment["KUBECONFIG"] = Home.Write("other", "apiVersion: v1\nkind: Config\n");
        var check = await CheckAsync("Session");

        Assert.Contains("~/.kube/config, which KUBECONFIG does not name", check.GetProperty("message").GetString(), StringComparison.Ordinal);
        Assert.Equal($"export KUBECONFIG='{Home.File(".kube/config")}'", check.GetProperty("advice").GetString());
    }

    [Theory]
    [InlineData("", "ok")]
    [InlineData(",\"KeyExpiry\":\"0001-01-01T00:00:00Z\"", "ok")]
    [InlineData(",\"KeyExpiry\":null", "ok")]
    [InlineData(",\"KeyExpiry\":\"\"", "ok")]
    [InlineData(",\"KeyExpiry\":0", "ok")]
    [InlineData(",\"KeyExpiry\":\"2999-01-01T00:00:00.5Z\"", "ok")]
    [InlineData(",\"KeyExpiry\":\"2026-01-01T00:00:00Z\"", "warning")]
    [InlineData(",\"Expired\":true", "failed")]
    public async Task S4_the_key_of_this_device_ends_when_tailscaled_says_so_and_the_zero_time_is_never(string self, string result)
    {
        await using var tailscaled = await FakeStatus.StartAsync(
            Home.File("t.sock"), $$$"""{"BackendState":"Running","Self":{"DNSName":"laptop.tail0dev.ts.net."{{{self}}}},"CurrentTailnet":{"MagicDNSEnabled":true}}""");
        Home.Environment["TKA_TAILSCALE_SOCKET"] = tailscaled.Socket;
        Home.Environment["TKA_SERVER"] = "http://tka.invalid";

        Assert.Equal(result, (await CheckAsync("Tailscale")).GetProperty("result").GetString());
    }

    [Theory]
    [InlineData("", "ok")]
    [InlineData("credentialPluginPolicy: AllowAll", "ok")]
    [InlineData("credentialPluginPolicy: DenyAll", "warning")]
    [InlineData("credentialPluginPolicy: Allowlist", "warning")]
    [InlineData("credentialPluginPolicy: Allowlist\ncredentialPluginAllowlist:\n- name: other", "warning")]
    [InlineData("credentialPluginPolicy: Allowlist\ncredentialPluginAllowlist:\n- name: other\n- name: tka", "ok")]
    [InlineData("credentialPluginPolicy: Allowlist\ncredentialPluginAllowlist:\n- command: tka", "ok")]
    [InlineData("credentialPluginPolicy: Allowlist\ncredentialPluginAllowlist:\n- command: BINARY", "ok")]
    [InlineData("credentialPluginPolicy: [", "warning")]
    public async Task A_policy_of_kubectl_that_shuts_tka_out_is_found(string policy, string result)
    {
        Home.Write(".kube/kuberc", $"apiVersion: kubectl.config.k8s.io/v1beta1\nkind: Preference\n{policy}\n".Replace("BINARY", CliBinary.Path, StringComparison.Ordinal));

        var check = await CheckAsync("Plugins");

        Assert.Equal(result, check.GetProperty("result").GetString());
        if (policy.Contains("Policy: Allowlist", StringComparison.Ordinal) && result == "warning")
        {
            Assert.Contains("--allowlist-entry command=tka", check.GetProperty("advice").GetString(), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_name_that_another_cluster_holds_or_asks_for_is_told()
    {
        Home.Environment["TKA_ORCHESTRATOR"] = Server.Url.ToString();
        Server.InfoName = "prod";
        Assert.Contains("does not list prod", await MessageAsync("warning"), StringComparison.Ordinal);

        Server.Clusters.Add(new TKA.Contracts.Orchestrator.Cluster { Name = "prod", ApiEndpoint = "https://other:6443" });
        Assert.Contains("Another cluster holds the name prod: https://other:6443", await MessageAsync("warning"), StringComparison.Ordinal);

        Server.Clusters[0] = Server.Clusters[0] with { ApiEndpoint = Server.ClusterServer, Conflict = "tka-two asked for the name." };
        Assert.Equal("tka-two asked for the name.", await MessageAsync("warning"));

        Server.Clusters[0] = Server.Clusters[0] with { Conflict = null };
        Assert.Equal("It knows 1 cluster.", await MessageAsync("ok"));

        async Task<string?> MessageAsync(string result)
        {
            var check = await CheckAsync("Orchestrator");
            Assert.Equal(result, check.GetProperty("result").GetString());
            return check.GetProperty("message").GetString();
        }
    }

    [Fact]
    public async Task The_cluster_s_administrator_is_told_which_policy_is_missing()
    {
        Assert.SkipWhen(TestCluster.RealKubeconfig is not null, "takes a policy away, which on a real cluster has another name");
        Assert.DoesNotContain((await Home.RunAsync("doctor", "-o", "json")).Json.GetProperty("checks").EnumerateArray(), check => check.GetProperty("name").GetString() == "Policies");
        Assert.Equal("failed", (await CheckAsync("Policies", "--cluster")).GetProperty("result").GetString());
        await using var cluster = await TestCluster.StartAsync(TestContext.Current.CancellationToken);
        Home.Environment["KUBECONFIG"] = cluster.AdminKubeconfigPath;
        Assert.Contains("tka-bindings, tka-guard-token, tka-session-grants, tka-sessions, tka-signins are missing", await MessageAsync("failed"), StringComparison.Ordinal);

        await cluster.InstallTkaAsync(TestContext.Current.CancellationToken);
        Assert.Equal("The cluster has TKA's admission policies, and they deny.", await MessageAsync("ok"));

        await cluster.Admin.PatchValidatingAdmissionPolicyBindingAsync(
            new V1Patch("""{"spec":{"validationActions":["Warn"]}}""", V1Patch.PatchType.MergePatch), "tka-signins", cancellationToken: TestContext.Current.CancellationToken);
        Assert.Contains(": tka-signins is missing, not bound, or bound without Deny", await MessageAsync("failed"), StringComparison.Ordinal);
        Assert.NotEqual(0, (await Home.RunAsync("doctor", "--cluster")).ExitCode);

        async Task<string?> MessageAsync(string result)
        {
            var check = await CheckAsync("Policies", "--cluster");
            Assert.Equal(result, check.GetProperty("result").GetString());
            return check.GetProperty("message").GetString();
        }
    }

    [Fact]
    public async Task N6_the_cluster_s_administrator_is_told_what_the_Go_TKA_left()
    {
        Assert.SkipWhen(TestCluster.RealKubeconfig is not null, "on a real cluster other bindings may have such names");
        await using var cluster = await TestCluster.StartAsync(TestContext.Current.CancellationToken);
        Home.Environment["KUBECONFIG"] = cluster.AdminKubeconfigPath;
        Assert.Equal("ok", (await CheckAsync("Go TKA", "--cluster")).GetProperty("result").GetString());

        await BindAsync("tka-user-alice-binding", "tka-user-alice", null);

        // Neither another name, nor one of ours.
        await BindAsync("something-else", "tka-user-bob", null);
        await BindAsync("tka-user-carol-binding", "tka-user-carol", "tka");

        var check = await CheckAsync("Go TKA", "--cluster");
        Assert.Equal("warning", check.GetProperty("result").GetString());
        Assert.EndsWith(": tka-user-alice-binding (view).", check.GetProperty("message").GetString(), StringComparison.Ordinal);
        Assert.EndsWith(
            "kubectl delete clusterrolebinding tka-user-alice-binding; kubectl -n old delete serviceaccount tka-user-alice",
            check.GetProperty("advice").GetString(),
            StringComparison.Ordinal);

        Task BindAsync(string name, string account, string? manager) => cluster.Admin.CreateClusterRoleBindingAsync(
            new V1ClusterRoleBinding
            {
                Metadata = new() { Name = name, Labels = manager is null ? null : new Dictionary<string, string> { ["app.kubernetes.io/managed-by"] = manager } },
                RoleRef = new V1RoleRef { ApiGroup = "rbac.authorization.k8s.io", Kind = "ClusterRole", Name = "view" },
                Subjects = [new Rbacv1Subject { Kind = "ServiceAccount", Name = account, NamespaceProperty = "old" }],
            },
            cancellationToken: TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task What_to_do_stands_under_the_finding_and_no_address_is_broken()
    {
        Home.Environment["PATH"] = Path.GetDirectoryName(CliBinary.Path)!;
        await using var terminal = Terminal.Start(Home, "/usr/bin/stty cols 50; tka doctor");
        await terminal.EndAsync();

        Assert.Contains("kubectl is not on", terminal.Screen, StringComparison.Ordinal);
        Assert.Contains("https://kubernetes.io/docs/tasks/tools/", terminal.Screen, StringComparison.Ordinal);
    }

    private async Task<JsonElement> CheckAsync(string name, params string[] options) =>
        (await Home.RunAsync(["doctor", "-o", "json", .. options])).Json.GetProperty("checks").EnumerateArray().Single(check => check.GetProperty("name").GetString() == name);
}
