using System.Text.Json.Nodes;
using k8s.Models;
using TKA.Contracts.Sessions;
using TKA.Kubernetes.Client;
using TKA.Tests.Operator.Infrastructure;
using Xunit;

namespace TKA.Tests.Operator;

/// <summary>Whose session it is: roles, names, tampering.</summary>
public sealed class IdentityReliabilityTests(ITestOutputHelper output) : ReliabilityCases(output)
{
    [Fact]
    public async Task Case_08_a_changed_role_replaces_the_binding_and_never_adds_to_it()
    {
        await using var world = await SessionWorld.StartAsync();
        await using var tested = await OperatorUnderTest.StartAsync(world, Setup());
        await world.LoginAsync(Alice);
        await world.ReadyAsync(Alice);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        var most = WatchMostBindingsAsync(world, Alice, stop.Token);

        foreach (var role in new[] { "tka-edit", "view", "tka-admin", "view" })
        {
            string[] namespaces = role == "view" ? [] : ["default"];
            await world.LoginAsync(Alice, role, namespaces: namespaces);
            var binding = namespaces.Length == 0 ? $"clusterrolebinding {role}" : $"rolebinding default {role}";
            await world.UntilAsync(async () => (await world.RemainsAsync(Alice)).Contains(binding), role);
            var ready = await world.ReadyAsync(Alice);
            Assert.Equal(2, (await world.RemainsAsync(Alice)).Count);
            Assert.Equal(ready.Metadata.Generation, ready.Status!.ObservedGeneration);
        }

        await stop.CancelAsync();
        Assert.Equal(1, await most);
        await Invariants.HoldAsync(world);
    }

    [Fact]
    public async Task Case_09_a_login_right_after_a_logout_is_a_new_session()
    {
        await using var world = await SessionWorld.StartAsync();
        await using var tested = await OperatorUnderTest.StartAsync(world, Setup());
        for (var round = 0; round < 10; round++)
        {
            await (round % 2 == 0 ? world.LoginAsync(Alice) : world.LoginAsync(Alice, "tka-edit", namespaces: "default"));
            var first = await world.ReadyAsync(Alice);
            var token = await tested.TokenAsync(first);

            await world.LogoutAsync(Alice);
            await world.LoginAsync(Alice, "view");
            var second = await world.ReadyAsync(Alice);

            Assert.NotEqual(first.Metadata.Uid, second.Metadata.Uid);
            Assert.NotEqual(first.Status!.ServiceAccount!.Uid, second.Status!.ServiceAccount!.Uid);
            await world.UntilAsync(async () => await world.TryPodsAsync(token.Token) == 401, "the first session's token is refused");
            Assert.Equal(200, await world.TryPodsAsync((await tested.TokenAsync(second)).Token));
            await world.LogoutAsync(Alice);
            await world.GoneAsync(Alice);
        }
    }

    [Fact]
    public async Task Case_10_people_with_similar_names_have_sessions_of_their_own()
    {
        await using var world = await SessionWorld.StartAsync();
        await using var tested = await OperatorUnderTest.StartAsync(world, Setup());
        string[] people = ["alice@a.com", "alice@b.com", "alice@github", "a.l+x@a.com", new string('a', 300) + "@a.com", "日本@a.com", "../x"];
        foreach (var login in people)
        {
            await (login == "alice@a.com" ? world.LoginAsync(login, "tka-admin", namespaces: "default") : world.LoginAsync(login));
        }

        foreach (var login in people)
        {
            await world.ReadyAsync(login);
        }

        Assert.Equal(SessionNames.ForLogin("alice@a.com"), SessionNames.ForLogin("Alice@A.com"));
        Assert.Contains("rolebinding default tka-admin", await world.RemainsAsync("alice@a.com"));
        Assert.DoesNotContain("rolebinding default tka-admin", await world.RemainsAsync("alice@b.com"));

        // Whoever names another person does not get the session's token, even when the name's hash should collide.
        using var refused = await tested.RequestTokenAsync((await world.GetAsync("alice@a.com"))!, username: "alice@b.com");
        Assert.Equal(404, (int)refused.StatusCode);
        await Invariants.HoldAsync(world);
    }

    [Fact]
    public async Task Case_18_only_the_API_may_say_who_gets_what()
    {
        await using var world = await SessionWorld.StartAsync();
        await using var tested = await OperatorUnderTest.StartAsync(world, Setup());
        await world.LoginAsync(Alice);
        var signin = await world.ReadyAsync(Alice);

        // Even a cluster administrator, whom RBAC lets do everything.
        var spec = new JsonObject { ["spec"] = new JsonObject { ["role"] = "tka-admin" } };
        var longer = new JsonObject { ["metadata"] = new JsonObject { ["annotations"] = new JsonObject { [TkaAnnotations.LastAttemptedSignIn] = "2030-01-01T00:00:00Z" } } };
        Assert.Equal(KubernetesError.Forbidden, (await Assert.ThrowsAsync<KubernetesRequestException>(() => world.Admin.MergePatchAsync(signin.Metadata.Name, spec, null, Cancel))).Error);
        Assert.Equal(KubernetesError.Forbidden, (await Assert.ThrowsAsync<KubernetesRequestException>(() => world.Admin.MergePatchAsync(signin.Metadata.Name, longer, null, Cancel))).Error);
    }

    [Fact]
    public async Task Case_18_a_foreign_object_with_our_name_is_left_alone()
    {
        await using var world = await SessionWorld.StartAsync();
        await using var tested = await OperatorUnderTest.StartAsync(world, Setup());
        var foreign = await world.ServiceAccounts.CreateAsync(
            new V1ServiceAccount { Metadata = new V1ObjectMeta { Name = SessionNames.ForLogin(Alice), NamespaceProperty = world.Tka.SessionsNamespace } }, Cancel);

        await world.LoginAsync(Alice);
        await world.ReasonAsync(Alice, ConditionReasons.NameTaken);
        Assert.Equal([$"serviceaccount {foreign.Metadata.Name}"], await world.RemainsAsync(Alice));
        await world.UntilAsync(async () => await world.CountEventsAsync("SessionRejected") == 1, "the Event");

        await world.LogoutAsync(Alice);
        await world.UntilAsync(async () => await world.GetAsync(Alice) is null, "the session is gone");
        Assert.Equal(foreign.Metadata.Uid, (await world.ServiceAccounts.GetAsync(foreign.Metadata.Name, Cancel)).Metadata.Uid);
    }

    private static async Task<int> WatchMostBindingsAsync(SessionWorld world, string login, CancellationToken cancellationToken)
    {
        var session = SessionNames.ForLogin(login);
        var list = await world.ClusterRoleBindings.ListAsync(null, CancellationToken.None);
        var names = list.Items.Select(binding => binding.Metadata.Name).Where(name => name.StartsWith(session, StringComparison.Ordinal)).ToHashSet();
        var most = names.Count;
        try
        {
            await foreach (var change in world.ClusterRoleBindings.WatchAsync(list.Metadata.ResourceVersion, null, TimeSpan.FromMinutes(5), static () => { }, cancellationToken))
            {
                var name = change.Resource.Metadata.Name;
                if (name?.StartsWith(session, StringComparison.Ordinal) == true)
                {
                    _ = change.Type == ResourceEventType.Deleted ? names.Remove(name) : names.Add(name);
                    most = Math.Max(most, names.Count);
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The test has seen enough.
        }

        return most;
    }
}
