using System.Text.Json.Nodes;
using Xunit;

namespace TKA.DevEnvironment.Tests.Cluster.Conformance.Access;

/// <summary>
/// Base of the cases about who may do what: ServiceAccounts of the class's namespace act with their own tokens, on a client that
/// carries no other credentials. A real server works from caches (tokens about 10 s, RBAC and policies moments), so what must
/// come about is waited for.
/// </summary>
public abstract class AccessTests(ConformanceFixture fixture) : ConformanceTests(fixture)
{
    protected const string RbacGroup = "rbac.authorization.k8s.io";

    protected string ServiceAccounts => $"/api/v1/namespaces/{Fixture.Namespace}/serviceaccounts";

    protected string Roles => $"/apis/{RbacGroup}/v1/namespaces/{Fixture.Namespace}/roles";

    protected string RoleBindings => $"/apis/{RbacGroup}/v1/namespaces/{Fixture.Namespace}/rolebindings";

    protected const string ClusterRoles = $"/apis/{RbacGroup}/v1/clusterroles";

    protected const string ClusterRoleBindings = $"/apis/{RbacGroup}/v1/clusterrolebindings";

    /// <summary>Somebody without credentials.</summary>
    protected Caller Anonymous => new(Fixture, "system:anonymous", null);

    /// <summary>A caller with a bearer token of whatever worth.</summary>
    protected Caller Bearer(string token) => new(Fixture, "", token);

    /// <summary>A new ServiceAccount that holds no rights.</summary>
    protected async Task<Caller> NewServiceAccountAsync(string prefix = "robot")
    {
        var name = Unique(prefix);
        (await PostAsync(ServiceAccounts, $$"""{"metadata":{"name":"{{name}}"} }""")).Succeeded(201);
        return new Caller(Fixture, $"system:serviceaccount:{Fixture.Namespace}:{name}", await TokenAsync(name));
    }

    /// <summary>A token for the API server.</summary>
    protected async Task<string> TokenAsync(string serviceAccount, string spec = "{}")
    {
        var answer = (await PostAsync($"{ServiceAccounts}/{serviceAccount}/token", $$"""{"spec":{{spec}} }""")).Succeeded(201);
        return (string)answer.Json["status"]!["token"]!;
    }

    /// <summary>Gives a ServiceAccount a Role of its own in the class's namespace.</summary>
    protected async Task GrantAsync(Caller caller, string rules)
    {
        var name = Unique("grant");
        (await PostAsync(Roles, $$"""{"metadata":{"name":"{{name}}"},"rules":{{rules}} }""")).Succeeded(201);
        (await PostAsync(RoleBindings, Binding(name, "Role", name, caller))).Succeeded(201);
    }

    /// <summary>Gives a ServiceAccount a ClusterRole of its own, everywhere.</summary>
    protected async Task GrantClusterAsync(Caller caller, string rules)
    {
        var name = await NewClusterRoleAsync(rules);
        (await PostAsync(ClusterRoleBindings, Binding(name, "ClusterRole", name, caller))).Succeeded(201);
        DeleteAtEnd($"{ClusterRoleBindings}/{name}");
    }

    /// <summary>A ClusterRole that goes with the class.</summary>
    protected async Task<string> NewClusterRoleAsync(string rules, string more = "")
    {
        var name = Unique("conformance");
        (await PostAsync(ClusterRoles, $$"""{"metadata":{"name":"{{name}}"},"rules":{{rules}}{{more}} }""")).Succeeded(201);
        DeleteAtEnd($"{ClusterRoles}/{name}");
        return name;
    }

    /// <summary>Deletes something that no namespace takes along.</summary>
    protected void DeleteAtEnd(string path) => Fixture.Cluster.DeleteAtEnd(() => DeleteAsync(path));

    protected static string Binding(string name, string roleKind, string roleName, Caller caller)
    {
        var parts = caller.Username.Split(':');
        return $$"""
            {"metadata":{"name":"{{name}}"},"roleRef":{"apiGroup":"{{RbacGroup}}","kind":"{{roleKind}}","name":"{{roleName}}"},
             "subjects":[{"kind":"ServiceAccount","namespace":"{{parts[2]}}","name":"{{parts[3]}}"}]}
            """;
    }

    /// <summary>Asks until the answer has this status.</summary>
    protected static async Task<Answer> EventuallyAsync(int code, Func<Task<Answer>> request)
    {
        Answer? last = null;
        await EventuallyAsync(async () => (last = await request()).Code == code, $"{code}");
        return last!;
    }

    /// <summary>Checks a whole Status body.</summary>
    protected static void AssertBody(string expected, Answer answer)
    {
        var (wanted, got) = (JsonNode.Parse(expected)!, answer.Json);
        Assert.True(JsonNode.DeepEquals(wanted, got), $"expected {wanted.ToJsonString()}\ngot      {got.ToJsonString()}");
    }
}
