using TKA.DevEnvironment.Cluster.Authentication;
using TKA.DevEnvironment.Cluster.Authorization;
using TKA.DevEnvironment.Cluster.Http;
using TKA.DevEnvironment.Cluster.Storage;
using Xunit;

namespace TKA.DevEnvironment.Tests.Cluster.Authorization;

public sealed class RbacAuthorizerTests
{
    private const string Group = RbacPolicy.Group;

    private readonly ObjectStore _objects = InMemoryObjects.New();
    private readonly RbacAuthorizer _authorizer;

    public RbacAuthorizerTests()
    {
        var policy = new RbacPolicy();
        _objects.Observe(policy.Observe);
        _authorizer = new RbacAuthorizer(policy);
        foreach (var role in BootstrapPolicy.Objects())
        {
            _objects.Put(Group, (string)role["kind"]! == "ClusterRole" ? "clusterroles" : "clusterrolebindings", role.ToJsonString());
        }
    }

    [Theory]
    [InlineData("view", "get", "", "pods", "", true)]
    [InlineData("view", "get", "", "pods/log", "", true)]
    [InlineData("view", "get", "", "secrets", "", false)]
    [InlineData("view", "list", Group, "rolebindings", "", false)]
    [InlineData("view", "create", "", "pods", "", false)]
    [InlineData("view", "create", "", "pods/exec", "", false)]
    [InlineData("edit", "get", "", "secrets", "", true)]
    [InlineData("edit", "create", "", "serviceaccounts/token", "", true)]
    [InlineData("edit", "get", "apps", "deployments", "", true)]
    [InlineData("edit", "create", Group, "rolebindings", "", false)]
    [InlineData("edit", "update", "", "resourcequotas", "", false)]
    [InlineData("admin", "create", Group, "rolebindings", "", true)]
    [InlineData("admin", "list", "", "nodes", "", false)]
    [InlineData("admin", "create", "", "namespaces", "", false)]
    [InlineData("cluster-admin", "delete", "anything.example.com", "widgets", "x", true)]
    public void Well_known_roles_grant_what_the_documentation_says(string role, string verb, string group, string resource, string name, bool allowed)
    {
        _objects.Put(Group, "rolebindings", $$"""
            {"metadata":{"namespace":"team-a","name":"b"},"roleRef":{"kind":"ClusterRole","name":"{{role}}"},"subjects":[{"kind":"User","name":"alice"}]}
            """);

        Assert.Equal(allowed, _authorizer.Authorize(User("alice"), Request(verb, group, resource, "team-a", name)).Allowed);
        Assert.False(_authorizer.Authorize(User("alice"), Request(verb, group, resource, "team-b", name)).Allowed);
        Assert.False(_authorizer.Authorize(User("alice"), Request(verb, group, resource, "", name)).Allowed);
        Assert.False(_authorizer.Authorize(User("mallory"), Request(verb, group, resource, "team-a", name)).Allowed);
    }

    [Theory]
    [InlineData("""{"verbs":["get"],"apiGroups":[""],"resources":["secrets"],"resourceNames":["mine"]}""", "get", "secrets", "mine", true)]
    [InlineData("""{"verbs":["get"],"apiGroups":[""],"resources":["secrets"],"resourceNames":["mine"]}""", "get", "secrets", "other", false)]
    [InlineData("""{"verbs":["list"],"apiGroups":[""],"resources":["secrets"],"resourceNames":["mine"]}""", "list", "secrets", "", false)]
    [InlineData("""{"verbs":["get"],"apiGroups":[""],"resources":["pods"]}""", "get", "pods/log", "x", false)]
    [InlineData("""{"verbs":["get"],"apiGroups":[""],"resources":["pods/log"]}""", "get", "pods", "x", false)]
    [InlineData("""{"verbs":["get"],"apiGroups":[""],"resources":["*/log"]}""", "get", "pods/log", "x", true)]
    [InlineData("""{"verbs":["get"],"apiGroups":[""],"resources":["*/log"]}""", "get", "pods", "x", false)]
    [InlineData("""{"verbs":["get"],"apiGroups":[""],"resources":["*"]}""", "get", "pods/log", "x", true)]
    [InlineData("""{"verbs":["get"],"apiGroups":["*"],"resources":["pods"]}""", "get", "pods", "x", true)]
    [InlineData("""{"verbs":["get"],"apiGroups":["apps"],"resources":["pods"]}""", "get", "pods", "x", false)]
    [InlineData("""{"verbs":["*"],"apiGroups":[""],"resources":["pods"]}""", "deletecollection", "pods", "", true)]
    [InlineData("""{"verbs":["ge"],"apiGroups":[""],"resources":["pods"]}""", "get", "pods", "x", false)]
    public void A_rule_allows_only_what_it_names(string rule, string verb, string resource, string name, bool allowed)
    {
        Bind(rule);

        Assert.Equal(allowed, _authorizer.Authorize(User("alice"), Request(verb, "", resource, "", name)).Allowed);
    }

    [Theory]
    [InlineData("/metrics", "/metrics", true)]
    [InlineData("/metrics", "/metrics/slis", false)]
    [InlineData("/metrics/*", "/metrics/slis", true)]
    [InlineData("/metrics/*", "/metrics", false)]
    [InlineData("*", "/anything", true)]
    public void Paths_match_exactly_or_by_trailing_star(string granted, string path, bool allowed)
    {
        Bind($$"""{"verbs":["get"],"nonResourceURLs":["{{granted}}"]}""");

        Assert.Equal(allowed, _authorizer.Authorize(User("alice"), new RequestInfo { Verb = "get", Path = path }).Allowed);
        Assert.False(_authorizer.Authorize(User("alice"), new RequestInfo { Verb = "post", Path = path }).Allowed);
    }

    [Fact]
    public void A_change_takes_effect_on_the_next_request_and_the_reason_names_binding_role_and_subject()
    {
        Assert.False(_authorizer.Authorize(User("alice"), Request("get", "", "pods", "", "x")).Allowed);
        Bind("""{"verbs":["get"],"apiGroups":[""],"resources":["pods"]}""");

        var decision = _authorizer.Authorize(User("alice"), Request("get", "", "pods", "", "x"));
        Assert.True(decision.Allowed);
        Assert.Equal("""RBAC: allowed by ClusterRoleBinding "b" of ClusterRole "r" to User "alice" """.TrimEnd(), decision.Reason);

        _objects.Remove(Group, "clusterrolebindings", "", "b");
        Assert.False(_authorizer.Authorize(User("alice"), Request("get", "", "pods", "", "x")).Allowed);
    }

    [Fact]
    public void A_binding_that_loses_a_subject_takes_the_right_from_that_subject_only()
    {
        Bind("""{"verbs":["get"],"apiGroups":[""],"resources":["pods"]}""");
        PutBinding("""{"kind":"User","name":"alice"},{"kind":"User","name":"bob"},{"kind":"Group","name":"team"},{"kind":"ServiceAccount","name":"robot","namespace":"ns"}""");
        var robot = User("system:serviceaccount:ns:robot");
        var member = User("carol") with { Groups = ["team"] };
        foreach (var user in (UserInfo[])[User("alice"), User("bob"), robot, member])
        {
            Assert.True(MayGetPods(user));
        }

        PutBinding("""{"kind":"User","name":"bob"}""");

        Assert.True(MayGetPods(User("bob")));
        foreach (var user in (UserInfo[])[User("alice"), robot, member])
        {
            Assert.False(MayGetPods(user));
        }

        void PutBinding(string subjects) =>
            _objects.Put(Group, "clusterrolebindings", $$"""{"metadata":{"name":"b"},"roleRef":{"kind":"ClusterRole","name":"r"},"subjects":[{{subjects}}]}""");

        bool MayGetPods(UserInfo user) => _authorizer.Authorize(user, Request("get", "", "pods", "", "x")).Allowed;
    }

    [Fact]
    public void A_binding_to_a_role_that_does_not_exist_is_named_in_the_refusal()
    {
        _objects.Put(Group, "clusterrolebindings", """{"metadata":{"name":"b"},"roleRef":{"kind":"ClusterRole","name":"gone"},"subjects":[{"kind":"User","name":"alice"}]}""");
        var request = Request("list", "apps", "deployments", "y", "");

        var decision = _authorizer.Authorize(User("alice"), request);
        Assert.Equal(
            """deployments.apps is forbidden: User "alice" cannot list resource "deployments" in API group "apps" in the namespace "y": RBAC: clusterrole.rbac.authorization.k8s.io "gone" not found""",
            Statuses.Forbidden(User("alice"), request, decision.Reason).Message);
    }

    private void Bind(string rule)
    {
        _objects.Put(Group, "clusterroles", $$"""{"metadata":{"name":"r"},"rules":[{{rule}}]}""");
        _objects.Put(Group, "clusterrolebindings", """{"metadata":{"name":"b"},"roleRef":{"kind":"ClusterRole","name":"r"},"subjects":[{"kind":"User","name":"alice"}]}""");
    }

    private static UserInfo User(string name) => new(name, "", ["system:authenticated"], WellKnownUsers.NoExtra);

    private static RequestInfo Request(string verb, string group, string resource, string @namespace, string name)
    {
        var parts = resource.Split('/');
        return new RequestInfo
        {
            IsResourceRequest = true,
            Verb = verb,
            Path = "",
            ApiGroup = group,
            Resource = parts[0],
            Subresource = parts.Length > 1 ? parts[1] : "",
            Namespace = @namespace,
            Name = name,
        };
    }
}
