using Xunit;

namespace TKA.Tests.Cluster.Conformance.Access;

public sealed class ImpersonationTests(ConformanceFixture fixture) : AccessTests(fixture)
{
    private const string WhoAmI = "/apis/authentication.k8s.io/v1/selfsubjectreviews";

    [Fact]
    public async Task Acting_as_somebody_else_is_a_right()
    {
        var robot = await NewServiceAccountAsync();

        var user = (await As(robot, ("Impersonate-User", "alice"))).Refused(403, "Forbidden");
        Assert.Equal($"users \"alice\" is forbidden: User \"{robot.Username}\" cannot impersonate resource \"users\" in API group \"\" at the cluster scope", (string?)user.Json["message"]);

        var account = (await As(robot, ("Impersonate-User", $"system:serviceaccount:{Fixture.Namespace}:default"))).Refused(403, "Forbidden");
        Assert.Equal(
            $"serviceaccounts \"default\" is forbidden: User \"{robot.Username}\" cannot impersonate resource \"serviceaccounts\" in API group \"\" in the namespace \"{Fixture.Namespace}\"",
            (string?)account.Json["message"]);
    }

    [Fact]
    public async Task Who_acts_as_somebody_else_is_only_that()
    {
        var robot = await NewServiceAccountAsync();
        await GrantClusterAsync(robot, """
            [{"verbs":["impersonate"],"apiGroups":[""],"resources":["users"],"resourceNames":["alice"]},
             {"verbs":["impersonate"],"apiGroups":[""],"resources":["groups"],"resourceNames":["developers"]},
             {"verbs":["impersonate"],"apiGroups":["authentication.k8s.io"],"resources":["userextras/device"],"resourceNames":["laptop"]},
             {"verbs":["list"],"apiGroups":[""],"resources":["configmaps"]}]
            """);
        await EventuallyAsync(201, () => As(robot, ("Impersonate-User", "alice")));

        var user = (await As(robot, ("Impersonate-User", "alice"), ("Impersonate-Group", "developers"), ("Impersonate-Extra-Device", "laptop"))).Succeeded(201).Json["status"]!["userInfo"]!;

        Assert.Equal("alice", (string?)user["username"]);
        Assert.Null(user["uid"]);
        Assert.Equal("""["developers","system:authenticated"]""", user["groups"]!.ToJsonString());
        Assert.Equal("""{"device":["laptop"]}""", user["extra"]!.ToJsonString());
        (await robot.GetAsync(ConfigMaps)).Succeeded();
        var refused = await robot.SendAsync(HttpMethod.Get, ConfigMaps, headers: ("Impersonate-User", "alice"));
        Assert.Contains("User \\\"alice\\\" cannot list", refused.Refused(403, "Forbidden").Text, StringComparison.Ordinal);

        (await As(robot, ("Impersonate-User", "bob"))).Refused(403, "Forbidden");
        (await As(robot, ("Impersonate-User", "alice"), ("Impersonate-Group", "system:masters"))).Refused(403, "Forbidden");
        (await As(robot, ("Impersonate-User", "alice"), ("Impersonate-Extra-Device", "desktop"))).Refused(403, "Forbidden");
        (await As(robot, ("Impersonate-User", "alice"), ("Impersonate-Uid", "1"))).Refused(403, "Forbidden");
    }

    [Fact]
    public async Task The_role_edit_may_act_as_the_ServiceAccounts_of_its_namespace()
    {
        var robot = await NewServiceAccountAsync();
        (await PostAsync(RoleBindings, Binding(Unique("edit"), "ClusterRole", "edit", robot))).Succeeded(201);

        var user = (await EventuallyAsync(201, () => As(robot, ("Impersonate-User", $"system:serviceaccount:{Fixture.Namespace}:default")))).Json["status"]!["userInfo"]!;

        Assert.Equal($"""["system:serviceaccounts","system:serviceaccounts:{Fixture.Namespace}","system:authenticated"]""", user["groups"]!.ToJsonString());
    }

    [Fact]
    public async Task A_group_without_a_user_is_refused_not_ignored()
    {
        var robot = await NewServiceAccountAsync();

        Assert.True((await As(robot, ("Impersonate-Group", "system:masters"))).Code >= 400);
    }

    private static Task<Answer> As(Caller caller, params (string, string)[] headers) => caller.SendAsync(HttpMethod.Post, WhoAmI, "{}", headers: headers);
}
