using Xunit;

namespace TKA.DevEnvironment.Tests.Cluster.Conformance.Access;

public sealed class ImpersonationTests(ConformanceFixture fixture) : AccessTests(fixture)
{
    private const string WhoAmI = "/apis/authentication.k8s.io/v1/selfsubjectreviews";

    [Fact]
    public async Task Acting_as_somebody_else_is_a_right()
    {
        var robot = await NewServiceAccountAsync();

        foreach (var name in (string[])["alice", $"system:serviceaccount:{Fixture.Namespace}:default", "system:node:n"])
        {
            (await As(robot, ("Impersonate-User", name))).Refused(403, "Forbidden");
        }

        var legacy = (await As(robot, ("Impersonate-User", $"system:serviceaccount:{Fixture.Namespace}:default"), ("Impersonate-Group", "g"))).Refused(403, "Forbidden");
        Assert.Equal(
            $"serviceaccounts \"default\" is forbidden: User \"{robot.Username}\" cannot impersonate resource \"serviceaccounts\" in API group \"\" in the namespace \"{Fixture.Namespace}\"",
            (string?)legacy.Json["message"]);
    }

    [Fact]
    public async Task The_right_does_not_make_the_embedded_cluster_act_with_the_senders_own_rights()
    {
        Assert.SkipUnless(Fixture.Cluster.IsEmbedded, "a real cluster acts as the user asked for");
        var robot = await NewServiceAccountAsync();
        (await PostAsync(RoleBindings, Binding(Unique("edit"), "ClusterRole", "edit", robot))).Succeeded(201);

        (await EventuallyAsync(501, () => As(robot, ("Impersonate-User", $"system:serviceaccount:{Fixture.Namespace}:default")))).Refused(501, "NotImplemented");
        (await As(robot, ("Impersonate-User", "alice"))).Refused(403, "Forbidden");
    }

    [Fact]
    public async Task A_group_without_a_user_is_refused_not_ignored()
    {
        var robot = await NewServiceAccountAsync();

        (await As(robot, ("Impersonate-Group", "system:masters"))).Refused(400, "BadRequest");
    }

    private static Task<Answer> As(Caller caller, params (string, string)[] headers) => caller.SendAsync(HttpMethod.Post, WhoAmI, "{}", headers: headers);
}
