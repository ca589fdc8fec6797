using Xunit;

namespace TKA.DevEnvironment.Tests.Cluster.Conformance.Access;

public sealed class ImpersonationTests(ConformanceFixture fixture) : AccessTests(fixture)
{
    private const string WhoAmI = "/apis/authentication.k8s.io/v1/selfsubjectreviews";

    [Fact]
    public async Task Acting_as_somebody_else_is_a_right()
    {
        var robot = await NewServiceAccountAsync();

        foreach (var (name, mode) in new[] { ("alice", "user-info"), ($"system:serviceaccount:{Fixture.Namespace}:default", "serviceaccount"), ("system:node:n", "arbitrary-node") })
        {
            var answer = (await As(robot, ("Impersonate-User", name))).Refused(403, "Forbidden");
            Assert.Equal(
                $"selfsubjectreviews.authentication.k8s.io is forbidden: User \"{robot.Username}\" cannot impersonate-on:{mode}:create resource \"selfsubjectreviews\" in API group \"authentication.k8s.io\" at the cluster scope",
                (string?)answer.Json["message"]);
        }

        // There is no narrow way to be a ServiceAccount with groups of one's choice.
        var legacy = (await As(robot, ("Impersonate-User", $"system:serviceaccount:{Fixture.Namespace}:default"), ("Impersonate-Group", "g"))).Refused(403, "Forbidden");
        Assert.Equal(
            $"serviceaccounts \"default\" is forbidden: User \"{robot.Username}\" cannot impersonate resource \"serviceaccounts\" in API group \"\" in the namespace \"{Fixture.Namespace}\"",
            (string?)legacy.Json["message"]);
    }

    [Fact]
    public async Task A_narrow_right_to_act_as_somebody_holds_for_what_it_names()
    {
        var robot = await NewServiceAccountAsync();
        await GrantClusterAsync(robot, """
            [{"verbs":["impersonate:user-info"],"apiGroups":["authentication.k8s.io"],"resources":["users"],"resourceNames":["alice"]},
             {"verbs":["impersonate:user-info"],"apiGroups":["authentication.k8s.io"],"resources":["groups"]},
             {"verbs":["impersonate-on:user-info:create"],"apiGroups":["authentication.k8s.io"],"resources":["selfsubjectreviews"]}]
            """);

        var user = (await EventuallyAsync(201, () => As(robot, ("Impersonate-User", "alice"), ("Impersonate-Group", "developers")))).Json["status"]!["userInfo"]!;

        Assert.Equal("alice", (string?)user["username"]);
        Assert.Equal("""["developers","system:authenticated"]""", user["groups"]!.ToJsonString());
        (await As(robot, ("Impersonate-User", "bob"))).Refused(403, "Forbidden");
        (await As(robot, ("Impersonate-User", "alice"), ("Impersonate-Group", "system:masters"))).Refused(403, "Forbidden");
        (await As(robot, ("Impersonate-User", $"system:serviceaccount:{Fixture.Namespace}:default"))).Refused(403, "Forbidden");
        (await robot.SendAsync(HttpMethod.Get, ConfigMaps, headers: ("Impersonate-User", "alice"))).Refused(403, "Forbidden");
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

        (await As(robot, ("Impersonate-Group", "system:masters"))).Refused(400, "BadRequest");
    }

    private static Task<Answer> As(Caller caller, params (string, string)[] headers) => caller.SendAsync(HttpMethod.Post, WhoAmI, "{}", headers: headers);
}
