using System.Text.Json;
using TKA.Cli.Kubeconfigs;
using Xunit;

namespace TKA.Tests.Cli;

/// <summary>Several sessions of one person: a base session and others beside it, each with a context, an end and a logout of its own.</summary>
public sealed class SessionsBesideTests : FakeServerTests
{
    private string UserKubeconfig => Home.File(".kube/config");

    [Fact]
    public async Task A_second_role_is_a_session_beside_the_first()
    {
        await Home.RunAsync("login", "--merge");
        var edit = await Home.RunAsync("login", "--merge", "--role", "edit", "--use", "--auto-login", "-o", "json");

        Assert.Equal("tka-127.0.0.1:edit", edit.Json.GetProperty("context").GetString());
        Assert.Equal(["tka-127.0.0.1", "tka-127.0.0.1:edit"], Contexts());
        Assert.NotNull(Server.Session);
        Assert.Equal("edit", Assert.Single(Server.Beside).Key);

        // Each asks for its own token, and only one may sign in again.
        Assert.Equal(["credential", "--server", Server.Url.ToString()], Arguments("tka-127.0.0.1"));
        Assert.Equal(["credential", "--server", Server.Url.ToString(), "--role", "edit", "--auto-login"], Arguments("tka-127.0.0.1:edit"));
    }

    [Fact]
    public async Task C15_a_context_with_a_name_of_its_own_replaces_no_other()
    {
        await Home.RunAsync("login", "--merge", "--context-name", "v");
        await Home.RunAsync("login", "--merge", "--role", "edit", "--context-name", "e");
        Assert.Equal(["v", "e"], Contexts());

        await Home.RunAsync("login", "--merge", "--role", "edit");
        Assert.Equal(["v", "e"], Contexts());
        await Home.RunAsync("logout", "--role", "edit");
        Assert.Equal(["v"], Contexts());
    }

    [Fact]
    public async Task The_role_of_the_base_session_by_name_is_the_base_session()
    {
        await Home.RunAsync("login", "--merge", "--role", "view");

        Assert.Equal(["tka-127.0.0.1"], Contexts());
        Assert.Empty(Server.Beside);
    }

    [Fact]
    public async Task Status_lists_all_and_marks_the_one_in_use()
    {
        await Home.RunAsync("login", "--merge", "--use");
        await Home.RunAsync("login", "--merge", "--role", "edit");
        var status = (await Home.RunAsync("status", "-o", "json")).Json;
        Assert.Equal("view", status.GetProperty("role").GetString());
        Assert.Equal([("view", true, true), ("edit", false, false)], Sessions(status));

        Home.Environment["KUBECONFIG"] = (await Home.RunAsync("login", "--role", "edit", "-o", "json")).Json.GetProperty("kubeconfig").GetString()!;
        status = (await Home.RunAsync("status", "-o", "json")).Json;
        Assert.Equal("view", status.GetProperty("role").GetString());
        Assert.Equal([("view", true, false), ("edit", false, true)], Sessions(status));
        var text = (await Home.RunAsync("status")).Output;
        Assert.Contains("Role:       edit", text, StringComparison.Ordinal);
        Assert.Contains("yes      edit ", text, StringComparison.Ordinal);
        Assert.Contains("no       view (base)", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Logout_ends_the_base_or_one_or_all_and_says_what_goes_on()
    {
        foreach (var role in (string[])["view", "edit", "tka-admin"])
        {
            await Home.RunAsync("login", "--merge", "--role", role);
        }

        var edit = await Home.RunAsync("logout", "--role", "edit");
        Assert.Contains("Signed out alice@example.com, role edit.", edit.Error, StringComparison.Ordinal);
        Assert.Contains("Your session with role tka-admin goes on until", edit.Error, StringComparison.Ordinal);
        Assert.Contains("tka logout --role tka-admin", edit.Error, StringComparison.Ordinal);
        Assert.Equal(["tka-127.0.0.1", "tka-127.0.0.1:tka-admin"], Contexts());

        var view = await Home.RunAsync("logout", "-o", "json");
        Assert.Equal("tka-admin", view.Json.GetProperty("remaining")[0].GetString());
        Assert.Null(Server.Session);
        Assert.Equal(["tka-127.0.0.1:tka-admin"], Contexts());
        Assert.Equal("tka-admin", (await Home.RunAsync("status", "-o", "json")).Json.GetProperty("role").GetString());

        await Home.RunAsync("login");
        Assert.Equal(2, (await Home.RunAsync("logout", "--all", "-o", "json")).Json.GetProperty("ended").GetArrayLength());
        Assert.Null(Server.Session);
        Assert.Empty(Server.Beside);
        Assert.False(File.Exists(UserKubeconfig));
        Assert.Empty(Directory.GetFiles(Home.File(".local/state/tka"), "*", SearchOption.AllDirectories));
    }

    [Fact]
    public async Task Use_switches_contexts_and_logout_switches_back()
    {
        Home.Write(".kube/config", "apiVersion: v1\nkind: Config\ncurrent-context: prod\ncontexts:\n- name: prod\n  context: {cluster: prod, user: me}\n");
        var login = await Home.RunAsync("login", "--merge", "--use");
        Assert.Contains("The current context is now tka-127.0.0.1; it was prod.", login.Error, StringComparison.Ordinal);
        await Home.RunAsync("login", "--merge", "--role", "edit");

        var use = await Home.RunAsync("use", "edit");
        Assert.True(use.ExitCode == 0, use.ToString());
        Assert.Contains("The current context is now tka-127.0.0.1:edit; it was tka-127.0.0.1.", use.Error, StringComparison.Ordinal);

        Assert.Contains("The current context is now tka-127.0.0.1; it was tka-127.0.0.1:edit.", (await Home.RunAsync("logout", "--role", "edit")).Error, StringComparison.Ordinal);
        Assert.Contains("The current context is now prod; it was tka-127.0.0.1.", (await Home.RunAsync("logout")).Error, StringComparison.Ordinal);
        Assert.Equal(3, (await Home.RunAsync("use", "edit")).ExitCode);
    }

    [Fact]
    public async Task Use_in_a_shell_with_the_integration_changes_KUBECONFIG()
    {
        var result = await Home.RunProgramAsync("/bin/bash", ["-c", "eval \"$(tka generate integration bash)\"; tka login; tka login --role edit; tka use view; grep -c token- $KUBECONFIG; grep current-context $KUBECONFIG; tka use edit; grep current-context $KUBECONFIG"]);

        Assert.True(result.ExitCode == 0, result.ToString());
        Assert.Equal("1\ncurrent-context: tka-127.0.0.1\ncurrent-context: tka-127.0.0.1:edit\n", result.Output);
    }

    [Fact]
    public async Task Completion_offers_the_roles_one_has_and_the_roles_one_may_take()
    {
        await Home.RunAsync("login");
        await Home.RunAsync("login", "--role", "edit");

        Assert.Equal(["view", "edit"], await CompleteAsync("use", ""));
        Assert.Equal(["view", "edit"], await CompleteAsync("logout", "--role", ""));
        Assert.Equal(["view", "edit", "tka-admin"], await CompleteAsync("shell", "--role", ""));
    }

    [Fact]
    public async Task Records_and_contexts_of_the_version_before_go_on_working()
    {
        // As the version before wrote them: one record for each server, no person in its name, no extension in the context.
        var server = Server.Url.ToString();
        Server.Session = Server.MakeSession();
        var until = Server.Session.Until.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ssZ", System.Globalization.CultureInfo.InvariantCulture);
        Home.Write(".kube/config", $$"""
            apiVersion: v1
            kind: Config
            clusters:
            - name: tka-test-cluster
              cluster: {server: "https://127.0.0.1:1"}
            users:
            - name: tka-test-cluster
              user:
                exec:
                  apiVersion: client.authentication.k8s.io/v1
                  command: tka
                  args: [credential, --server, "{{server}}"]
                  interactiveMode: Never
            contexts:
            - name: tka-test-cluster
              context: {cluster: tka-test-cluster, user: tka-test-cluster}
            current-context: tka-test-cluster

            """);
        Home.Write(".local/state/tka/sessions/login-0123456789abcdef.json", $$"""
            {"id":"login-0123456789abcdef","server":"{{server}}","username":"alice@example.com","role":"view","namespaces":[],"until":"{{until}}","cluster":"test-cluster",
             "context":"tka-test-cluster","merged":{"path":"{{UserKubeconfig}}","name":"tka-test-cluster","created":false,"empty_lists":{"clusters":null,"users":null,"contexts":null},"used":true,"line_break_added":false},"pid":0}
            """);

        Assert.Equal("test-cluster", (await Home.RunAsync("status", "-o", "json")).Json.GetProperty("cluster").GetString());
        Assert.Contains("token-1", (await Home.RunAsync("credential", "--server", server)).Output, StringComparison.Ordinal);
        Assert.Equal(0, (await Home.RunAsync("login", "--merge")).ExitCode);
        Assert.Equal(["tka-test-cluster"], Contexts());
        Assert.Single(Directory.GetFiles(Home.File(".local/state/tka/sessions"), "*.json"));

        Assert.Equal(0, (await Home.RunAsync("logout")).ExitCode);
        Assert.Equal("apiVersion: v1\nkind: Config\n", File.ReadAllText(UserKubeconfig));
    }

    private static IEnumerable<(string?, bool, bool)> Sessions(JsonElement status) => status.GetProperty("sessions").EnumerateArray()
        .Select(session => (session.GetProperty("role").GetString(), session.GetProperty("base").GetBoolean(), session.GetProperty("in_use").GetBoolean()));

    private IEnumerable<string> Contexts() => new KubeconfigEditor(File.ReadAllText(UserKubeconfig)).Items("contexts").Select(item => item["name"]!.Text);

    private IEnumerable<string> Arguments(string user) => OwnEntries.Arguments(new KubeconfigEditor(File.ReadAllText(UserKubeconfig)).Find("users", user)!)!.Select(item => item.Text);

    private async Task<IEnumerable<string>> CompleteAsync(params string[] words) =>
        (await Home.RunAsync(["__complete", .. words])).Output.Split('\n').Where(line => line.Length > 0 && line[0] != ':').Select(line => line.Split('\t')[0]);
}
