using System.Text.Json;
using TKA.Tests.Cli;
using Xunit;

namespace TKA.Tests.EndToEnd;

/// <summary>The loop of the README with the real parts: the AppHost's process, the native <c>tka</c>, stock kubectl.</summary>
public sealed class LoopTests(DevStack stack) : IAsyncLifetime
{
    private const string Alice = "127.0.0.1";
    private const string Bob = "127.0.0.2";
    private const string Carol = "127.0.0.3";
    private const string TaggedNode = "127.0.0.4";
    private const string OtherAlice = "127.0.0.5";

    // A revoked token may be accepted for as long as a kube-apiserver caches a good check; the promise is 15 s.
    private static readonly TimeSpan Promise = TimeSpan.FromSeconds(15);

    private readonly List<CliHome> _homes = [];

    public async ValueTask InitializeAsync() => await stack.StartedAsync();

    public ValueTask DisposeAsync()
    {
        _homes.ForEach(home => home.Dispose());
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task A_person_with_view_reads_everything_changes_nothing_and_is_out_after_logout()
    {
        var home = Home(Alice);
        var kubeconfig = await LoginAsync(home, "alice@example.com", "view");

        var pods = await DevStack.KubectlAsync(kubeconfig, "get", "pods", "-A", "-o", "json");
        Assert.True(pods.ExitCode == 0, pods.Error);
        var names = JsonDocument.Parse(pods.Output).RootElement.GetProperty("items").EnumerateArray()
            .Where(pod => pod.GetProperty("metadata").GetProperty("namespace").GetString() == "team-a")
            .Select(pod => pod.GetProperty("metadata").GetProperty("name").GetString()!)
            .ToList();
        Assert.NotEmpty(names);

        var delete = await DevStack.KubectlAsync(kubeconfig, "delete", "pod", "-n", "team-a", names[0]);
        Assert.Equal(1, delete.ExitCode);
        Assert.Contains("Forbidden", delete.Error, StringComparison.Ordinal);
        Assert.Equal(0, (await stack.AdminAsync("get", "pod", "-n", "team-a", names[0])).ExitCode);

        var status = await home.RunAsync("status", "-o", "json");
        Assert.True(status.ExitCode == 0, status.ToString());
        Assert.Equal("view", status.Json.GetProperty("role").GetString());

        var kept = home.Write("kept.yaml", await File.ReadAllTextAsync(kubeconfig, TestContext.Current.CancellationToken));
        var logout = await home.RunAsync("logout");
        Assert.True(logout.ExitCode == 0, logout.ToString());
        Assert.False(File.Exists(kubeconfig));
        await RefusedAsync(kept);
        Assert.Equal(0, (await home.RunAsync("logout")).ExitCode);
        Assert.Equal(3, (await home.RunAsync("status")).ExitCode);
    }

    [Fact]
    public async Task A_person_granted_one_namespace_sees_that_one_only()
    {
        var home = Home(Bob);
        var kubeconfig = await LoginAsync(home, "bob@example.com", "view");

        Assert.Equal(0, (await DevStack.KubectlAsync(kubeconfig, "get", "pods", "-n", "team-a")).ExitCode);
        var other = await DevStack.KubectlAsync(kubeconfig, "get", "pods", "-n", "team-b");
        Assert.Equal(1, other.ExitCode);
        Assert.Contains("Forbidden", other.Error, StringComparison.Ordinal);
        Assert.Equal(1, (await DevStack.KubectlAsync(kubeconfig, "get", "pods", "-A")).ExitCode);
        Assert.Equal(1, (await DevStack.KubectlAsync(kubeconfig, "get", "secrets", "-n", "team-a")).ExitCode);

        Assert.Equal(0, (await home.RunAsync("logout")).ExitCode);
    }

    [Fact]
    public async Task A_person_without_a_grant_is_told_whom_to_ask()
    {
        var login = await Home(Carol).RunAsync("login");

        Assert.Equal(4, login.ExitCode);
        Assert.Contains("carol@example.com", login.Error, StringComparison.Ordinal);
        Assert.Contains("tailnet", login.Error, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("admin", login.Error, StringComparison.OrdinalIgnoreCase);
        Assert.Equal(403, (await Home(Carol).RunAsync("login", "-o", "json")).ErrorJson.GetProperty("status").GetInt32());
    }

    [Fact]
    public async Task A_tagged_node_has_no_person_behind_it()
    {
        var login = await Home(TaggedNode).RunAsync("login", "-o", "json");

        Assert.NotEqual(0, login.ExitCode);
        Assert.Equal(400, login.ErrorJson.GetProperty("status").GetInt32());
    }

    [Fact]
    public async Task The_same_local_part_at_two_domains_is_two_people()
    {
        var here = Home(Alice);
        var there = Home(OtherAlice);
        var first = await LoginAsync(here, "alice@example.com", "view");
        var second = await LoginAsync(there, "alice@other.org", null);

        var one = await WhoAmIAsync(first);
        var two = await WhoAmIAsync(second);
        Assert.NotEqual(one, two);
        Assert.StartsWith("system:serviceaccount:tka-sessions:tka-user-alice-", one, StringComparison.Ordinal);
        Assert.StartsWith("system:serviceaccount:tka-sessions:tka-user-alice-", two, StringComparison.Ordinal);

        Assert.Equal(0, (await there.RunAsync("logout")).ExitCode);
        Assert.Equal(0, (await DevStack.KubectlAsync(first, "get", "pods", "-A")).ExitCode);
        Assert.Equal(0, (await here.RunAsync("logout")).ExitCode);
    }

    [Fact]
    public async Task Shell_runs_one_command_and_passes_its_exit_code_through()
    {
        var home = Home(Bob);

        var result = await home.RunAsync("shell", "--", "sh", "-c", "kubectl auth whoami -o name >/dev/null; kubectl get pods -n team-a -o name; exit 7");

        Assert.Equal(7, result.ExitCode);
        Assert.Contains("pod/", result.Output, StringComparison.Ordinal);
        Assert.Equal(3, (await home.RunAsync("status")).ExitCode);
    }

    [Fact]
    public async Task Clusters_lists_the_cluster_that_registered_itself()
    {
        var home = Home(Alice);

        // Registration is on its own schedule; the list fills when the API has found the orchestrator.
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(TimeSpan.FromSeconds(60));
        var listed = await home.RunAsync("clusters", "-o", "json");
        while (listed.ExitCode != 0 || listed.Json.GetProperty("items").GetArrayLength() == 0)
        {
            Assert.False(limit.IsCancellationRequested, listed.ToString());
            listed = await home.RunAsync("clusters", "-o", "json");
        }

        Assert.Equal(1, listed.Json.GetProperty("items").GetArrayLength());
        var access = await home.RunAsync("access", "-o", "json");
        Assert.True(access.ExitCode == 0, access.ToString());
        Assert.Equal("view", access.Json.GetProperty("role").GetString());
        Assert.Equal(0, (await home.RunAsync("version")).ExitCode);
    }

    private CliHome Home(string source)
    {
        var home = new CliHome();
        home.Environment["TKA_SERVER"] = stack.Env["TKA_SERVER"];
        home.Environment["TKA_ORCHESTRATOR"] = stack.Env["TKA_ORCHESTRATOR"];
        home.Environment["TKA_DEV_SOURCE"] = source;
        _homes.Add(home);
        return home;
    }

    private static async Task<string> LoginAsync(CliHome home, string username, string? role)
    {
        var login = await home.RunAsync("login", "-o", "json");
        Assert.True(login.ExitCode == 0, login.ToString());
        Assert.Equal(username, login.Json.GetProperty("username").GetString());
        if (role is not null)
        {
            Assert.Equal(role, login.Json.GetProperty("role").GetString());
        }

        return login.Json.GetProperty("kubeconfig").GetString()!;
    }

    private static async Task<string> WhoAmIAsync(string kubeconfig)
    {
        var who = await DevStack.KubectlAsync(kubeconfig, "auth", "whoami", "-o", "jsonpath={.status.userInfo.username}");
        Assert.True(who.ExitCode == 0, who.Error);
        return who.Output;
    }

    private static async Task RefusedAsync(string kubeconfig)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(Promise);
        while (true)
        {
            var (code, _, error) = await DevStack.KubectlAsync(kubeconfig, "get", "pods", "-A");
            if (code != 0)
            {
                Assert.Contains("Unauthorized", error, StringComparison.OrdinalIgnoreCase);
                return;
            }

            Assert.False(limit.IsCancellationRequested, "The token still worked 15 s after logout.");
        }
    }
}
