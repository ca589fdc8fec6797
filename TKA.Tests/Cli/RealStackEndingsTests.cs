using System.Text.Json;
using System.Text.Json.Nodes;
using k8s;
using k8s.Models;
using Microsoft.Extensions.DependencyInjection;
using TKA.Api.Grants;
using TKA.Contracts.Sessions;
using TKA.Tests.Infrastructure;
using Xunit;

namespace TKA.Tests.Cli;

/// <summary>How several sessions of one person end, each by itself: the native binary and stock kubectl against the real parts.</summary>
[Collection(SessionsStack.Name)]
public sealed class RealStackEndingsTests(SessionsStack shared) : IDisposable
{
    private static readonly string[] Roles = ["view", "tka-edit", "tka-admin"];

    private readonly List<CliHome> _homes = [];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => _homes.ForEach(home => home.Dispose());

    [Fact]
    public async Task Sessions_end_in_every_order_and_only_those_that_were_meant()
    {
        var home = Home(5);
        foreach (var order in (int[][])[[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]])
        {
            var kept = await Task.WhenAll(Roles.Select(role => KeepAsync(home, role)));
            var living = Roles.ToHashSet();
            foreach (var ending in order)
            {
                var logout = await home.RunAsync(ending == 0 ? ["logout"] : ["logout", "--role", Roles[ending]]);
                Assert.True(logout.ExitCode == 0, logout.ToString());
                living.Remove(Roles[ending]);
                Assert.All(living, role => Assert.Contains($"session with role {role} goes on", logout.Error, StringComparison.Ordinal));
                await Task.WhenAll(Roles.Select((role, index) => WorksAsync(home, kept[index], living.Contains(role))));
            }
        }
    }

    [Fact]
    public async Task Eight_sessions_work_at_once_and_the_ninth_is_refused_until_one_ends()
    {
        var home = Home(SessionsStack.Many);
        var roles = shared.ManyRoles;
        var kept = await Task.WhenAll(roles.Take(8).Select(role => KeepAsync(home, role)));
        await Task.WhenAll(kept.Select(kubeconfig => WorksAsync(home, kubeconfig, true)));
        Assert.Equal(8, (await home.RunAsync("status", "-o", "json")).Json.GetProperty("sessions").GetArrayLength());

        var ninth = await home.RunAsync("login", "--role", roles[8], "-o", "json");
        Assert.Equal(1, ninth.ExitCode);
        Assert.Equal("session-limit", ninth.ErrorJson.GetProperty("code").GetString());
        Assert.Contains("tka logout --role", ninth.Error, StringComparison.Ordinal);
        Assert.Equal(0, (await home.RunAsync("login", "--role", roles[4])).ExitCode);

        Assert.Equal(0, (await home.RunAsync("logout", "--role", roles[4])).ExitCode);
        await WorksAsync(home, await KeepAsync(home, roles[8]), true);
        Assert.Equal(0, (await home.RunAsync("logout", "--all")).ExitCode);
        await Task.WhenAll(kept.Select(kubeconfig => WorksAsync(home, kubeconfig, false)));
    }

    [Fact]
    public async Task A_withdrawn_role_ends_while_the_base_stays()
    {
        var home = Home(SessionsStack.Withdrawable);
        var (view, edit) = (await KeepAsync(home, "view"), await KeepAsync(home, "tka-edit"));

        await shared.WithdrawAsync(true);
        await shared.Stack.Api.Services.GetRequiredService<GrantRecheck>().RunAsync(Cancel);

        await WorksAsync(home, edit, false);
        await WorksAsync(home, view, true);
        var status = (await home.RunAsync("status", "-o", "json")).Json;
        Assert.Equal("view", Assert.Single(status.GetProperty("sessions").EnumerateArray()).GetProperty("role").GetString());
        Assert.Equal(4, (await home.RunAsync("login", "--role", "tka-edit")).ExitCode);
        await shared.WithdrawAsync(false);
        Assert.Equal(0, (await home.RunAsync("login", "--role", "tka-edit")).ExitCode);
    }

    [Fact]
    public async Task Another_device_without_the_role_gets_nothing_and_changes_nothing()
    {
        var (laptop, phone) = (Home(1), Home(SessionsStack.Phone));
        var (view, edit) = (await KeepAsync(laptop, "view"), await KeepAsync(laptop, "tka-edit"));

        Assert.Equal(4, (await phone.RunAsync("login", "--role", "tka-edit")).ExitCode);
        Assert.Equal(4, (await phone.RunAsync("credential", "--role", "tka-edit")).ExitCode);
        Assert.Equal(2, (await phone.RunAsync("status", "-o", "json")).Json.GetProperty("sessions").GetArrayLength());
        Assert.Equal(0, (await phone.RunAsync("credential")).ExitCode);
        await shared.Stack.Api.Services.GetRequiredService<GrantRecheck>().RunAsync(Cancel);

        await WorksAsync(laptop, edit, true);
        await WorksAsync(laptop, view, true);
    }

    [Fact]
    public async Task An_administrator_sees_each_session_and_ends_the_one_that_is_named()
    {
        var (home, admin) = (Home(4), Home(SessionsStack.Admin));
        var (view, edit) = (await KeepAsync(home, "view"), await KeepAsync(home, "tka-edit"));

        var items = (await admin.RunAsync("sessions", "-o", "json")).Json.GetProperty("items").EnumerateArray()
            .Where(item => item.GetProperty("username").GetString() == "person4@example.com").ToDictionary(item => item.GetProperty("role").GetString()!, item => item.GetProperty("name").GetString()!);
        Assert.Equal(["tka-edit", "view"], items.Keys.Order(StringComparer.Ordinal));
        var ended = await admin.RunAsync("sessions", "end", items["tka-edit"]);
        Assert.True(ended.ExitCode == 0, ended.ToString());

        await WorksAsync(home, edit, false);
        await WorksAsync(home, view, true);
    }

    [Fact]
    public async Task A_local_part_of_64_characters_has_sessions_beside_each_other()
    {
        var home = Home(SessionsStack.LongLocalPart);
        var kept = await Task.WhenAll(Roles.Select(role => KeepAsync(home, role)));

        var names = await Task.WhenAll(kept.Select(kubeconfig => WhoAsync(home, kubeconfig)));
        Assert.All(names, name => Assert.InRange(name.Split(':')[^1].Length, 1, 63));
        Assert.Distinct(names);
        Assert.Equal(0, (await home.RunAsync("logout", "--role", "tka-edit")).ExitCode);
        await WorksAsync(home, kept[1], false);
        await WorksAsync(home, kept[2], true);
    }

    [Fact]
    public async Task Renewals_at_the_same_moment_leave_one_session_of_each_role()
    {
        var home = Home(6);
        var (view, edit) = (await KeepAsync(home, "view"), await KeepAsync(home, "tka-edit"));
        var before = (await WhoAsync(home, view), await WhoAsync(home, edit));
        home.Write(".kube/config", "");

        var renewals = await Task.WhenAll(Enumerable.Range(0, 8).Select(number =>
            home.RunAsync(number % 2 == 0 ? ["login", "--merge"] : ["login", "--merge", "--role", "tka-edit"])));

        Assert.All(renewals, renewal => Assert.True(renewal.ExitCode == 0, renewal.ToString()));
        Assert.Equal(before, (await WhoAsync(home, view), await WhoAsync(home, edit)));
        Assert.Equal(2, Directory.GetFiles(home.File(".local/state/tka/sessions"), "*.json").Length);
        var contexts = (await home.RunProgramAsync("kubectl", ["config", "get-contexts", "-o", "name"])).Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(["tka-127.0.0.1", "tka-127.0.0.1:tka-edit"], contexts.Order(StringComparer.Ordinal));
        var pods = await Task.WhenAll(contexts.Select(context => home.RunProgramAsync("kubectl", ["--context", context, "get", "pods", "-n", "default"])));
        Assert.All(pods, result => Assert.True(result.ExitCode == 0, result.ToString()));
    }

    [Fact]
    public async Task A_killed_shells_session_is_ended_by_the_next_command_and_the_base_stays()
    {
        var home = Home(10);
        var view = await KeepAsync(home, "view");
        await using var shell = Terminal.Start(home, "tka shell --role tka-edit");
        await shell.SeeAsync("(tka tka-edit@");
        var record = JsonDocument.Parse(File.ReadAllText(Assert.Single(Directory.GetFiles(home.File(".local/state/tka/sessions"), "shell-*.json")))).RootElement;
        var kept = home.Write("killed", File.ReadAllText(record.GetProperty("kubeconfig").GetString()!));
        await WorksAsync(home, kept, true);

        Signals.Send(record.GetProperty("pid").GetInt32(), "KILL");
        await shell.EndAsync();
        Assert.Equal(0, (await home.RunAsync("status")).ExitCode);

        await WorksAsync(home, kept, false);
        await WorksAsync(home, view, true);
        Assert.Empty(Directory.GetFiles(home.File(".local/state/tka/sessions"), "shell-*.json"));
    }

    [Fact]
    public async Task An_upgrade_keeps_the_session_the_record_and_the_context_of_the_version_before()
    {
        var home = Home(11);
        var view = await KeepAsync(home, "view");
        Assert.Equal(0, (await home.RunAsync("login", "--merge", "--use")).ExitCode);
        var who = await WhoAsync(home, view);

        // As the version before left them: no label, no installation, no kind of session; a record without a person in its name.
        var name = SessionNames.ForLogin("person11@example.com");
        await PatchAsync(name, new JsonObject { ["metadata"] = new JsonObject { ["labels"] = new JsonObject { [TkaLabels.SessionOf] = null } } });
        await PatchAsync(name, new JsonObject { ["status"] = new JsonObject { ["session"] = null } }, status: true);
        var record = Assert.Single(Directory.GetFiles(home.File(".local/state/tka/sessions"), "*.json"));
        var old = JsonNode.Parse(File.ReadAllText(record))!.AsObject();
        (old["id"], old["cluster"]) = ("login-0123456789abcdef", "prod");
        old["merged"]!.AsObject().Remove("server");
        File.Delete(record);
        home.Write(".local/state/tka/sessions/login-0123456789abcdef.json", old.ToJsonString());

        await shared.Stack.StopOperatorAsync();
        await shared.Stack.StartOperatorAsync(Cancel);

        Assert.Equal(who, await WhoAsync(home, view));
        Assert.Equal(0, (await home.RunProgramAsync("kubectl", ["get", "pods", "-n", "default"])).ExitCode);
        var edit = await KeepAsync(home, "tka-edit");
        Assert.Equal(0, (await home.RunAsync("login", "--merge")).ExitCode);
        Assert.Equal(who, await WhoAsync(home, view));
        Assert.Equal(["view", "tka-edit"], (await home.RunAsync("status", "-o", "json")).Json.GetProperty("sessions").EnumerateArray().Select(session => session.GetProperty("role").GetString()));
        Assert.Equal(0, (await home.RunAsync("logout")).ExitCode);
        await WorksAsync(home, view, false);
        await WorksAsync(home, edit, true);
    }

    private CliHome Home(int person) => Keep(shared.Home(person));

    private CliHome Home(string source) => Keep(shared.Home(source));

    private CliHome Keep(CliHome home)
    {
        _homes.Add(home);
        return home;
    }

    /// <summary>Signs in with a role and keeps a copy of the kubeconfig, with its token, that logout does not remove.</summary>
    private static async Task<string> KeepAsync(CliHome home, string role)
    {
        var login = await home.RunAsync(role == "view" ? ["login", "-o", "json"] : ["login", "--role", role, "-o", "json"]);
        Assert.True(login.ExitCode == 0, login.ToString());
        return home.Write($"kept-{role}-{Guid.NewGuid():N}", File.ReadAllText(login.Json.GetProperty("kubeconfig").GetString()!));
    }

    // A real API server remembers a good token for 10 s.
    private static Task WorksAsync(CliHome home, string kubeconfig, bool expected) => Eventually.TrueAsync(
        async () => (await home.RunProgramAsync("kubectl", ["--kubeconfig", kubeconfig, "get", "pods", "-n", "default"])).ExitCode == 0 == expected,
        $"{kubeconfig} {(expected ? "works" : "is refused")}");

    private static async Task<string> WhoAsync(CliHome home, string kubeconfig) =>
        (await home.RunProgramAsync("kubectl", ["--kubeconfig", kubeconfig, "auth", "whoami", "-o", "jsonpath={.status.userInfo.uid}:{.status.userInfo.username}"])).Output;

    private Task<JsonObject> PatchAsync(string name, JsonObject patch, bool status = false)
    {
        var objects = shared.Stack.Cluster.Admin.CustomObjects;
        var body = new V1Patch(patch.ToJsonString(), V1Patch.PatchType.MergePatch);
        var ns = shared.Stack.Installed.SessionsNamespace;
        return !status
            ? objects.PatchNamespacedCustomObjectAsync<JsonObject>(body, TkaSigninResource.Group, TkaSigninResource.Version, ns, TkaSigninResource.Plural, name, cancellationToken: Cancel)
            : objects.PatchNamespacedCustomObjectStatusAsync<JsonObject>(body, TkaSigninResource.Group, TkaSigninResource.Version, ns, TkaSigninResource.Plural, name, cancellationToken: Cancel);
    }
}
