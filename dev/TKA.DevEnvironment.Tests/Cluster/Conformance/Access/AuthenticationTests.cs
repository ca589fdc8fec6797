using Xunit;

namespace TKA.DevEnvironment.Tests.Cluster.Conformance.Access;

public sealed class AuthenticationTests(ConformanceFixture fixture) : AccessTests(fixture)
{
    private const string Unauthorized =
        """{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":"Unauthorized","reason":"Unauthorized","code":401}""";

    [Theory]
    [InlineData("nonsense")]
    [InlineData("a.b.c")]
    [InlineData("eyJhbGciOiJub25lIn0.eyJzdWIiOiJzeXN0ZW06c2VydmljZWFjY291bnQ6ZGVmYXVsdDpkZWZhdWx0In0.")]
    public async Task A_bad_token_is_401_whatever_is_asked(string token)
    {
        AssertBody(Unauthorized, await Bearer(token).GetAsync("/api/v1/namespaces"));
        AssertBody(Unauthorized, await Bearer(token).GetAsync("/version"));
        AssertBody(Unauthorized, await Bearer(token).GetAsync("/nowhere"));
    }

    [Fact]
    public async Task Without_credentials_one_is_anonymous_and_refused_by_authorization()
    {
        // 401 where the server runs with --anonymous-auth=false.
        AssertBody(
            """
            {"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure",
             "message":"namespaces is forbidden: User \"system:anonymous\" cannot list resource \"namespaces\" in API group \"\" at the cluster scope",
             "reason":"Forbidden","details":{"kind":"namespaces"},"code":403}
            """,
            await Anonymous.GetAsync("/api/v1/namespaces"));
    }

    [Fact]
    public async Task Another_scheme_than_Bearer_is_no_credential()
    {
        var answer = await Anonymous.SendAsync(HttpMethod.Get, "/api/v1/namespaces", headers: ("Authorization", "Basic YWRtaW46YWRtaW4="));

        Assert.Contains("system:anonymous", answer.Refused(403, "Forbidden").Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/version")]
    [InlineData("/healthz")]
    [InlineData("/livez")]
    [InlineData("/readyz")]
    public async Task Anybody_may_ask_for_version_and_health(string path) => (await Anonymous.GetAsync(path)).Succeeded();

    [Theory]
    [InlineData("/api")]
    [InlineData("/apis/apps/v1")]
    [InlineData("/openapi/v3")]
    [InlineData("/metrics")]
    [InlineData("/")]
    public async Task Anonymous_callers_may_not_ask_for_anything_else(string path)
    {
        AssertBody(
            $$"""
            {"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure",
             "message":"forbidden: User \"system:anonymous\" cannot get path \"{{path}}\"","reason":"Forbidden","details":{},"code":403}
            """,
            await Anonymous.GetAsync(path));
    }

    [Theory]
    [InlineData("/api")]
    [InlineData("/apis")]
    [InlineData("/apis/apps/v1")]
    [InlineData("/openapi/v3")]
    [InlineData("/version")]
    public async Task Every_ServiceAccount_may_discover(string path) => (await (await NewServiceAccountAsync()).GetAsync(path)).Succeeded();

    [Theory]
    [InlineData("GET", "/api/v1/namespaces/NS/pods", "pods is forbidden: User \"USER\" cannot list resource \"pods\" in API group \"\" in the namespace \"NS\"")]
    [InlineData("GET", "/api/v1/namespaces/NS/pods?watch=true", "pods is forbidden: User \"USER\" cannot watch resource \"pods\" in API group \"\" in the namespace \"NS\"")]
    [InlineData("GET", "/api/v1/pods", "pods is forbidden: User \"USER\" cannot list resource \"pods\" in API group \"\" at the cluster scope")]
    [InlineData("GET", "/api/v1/namespaces/NS/pods/p", "pods \"p\" is forbidden: User \"USER\" cannot get resource \"pods\" in API group \"\" in the namespace \"NS\"")]
    [InlineData("DELETE", "/api/v1/namespaces/NS/pods/p", "pods \"p\" is forbidden: User \"USER\" cannot delete resource \"pods\" in API group \"\" in the namespace \"NS\"")]
    [InlineData("DELETE", "/api/v1/namespaces/NS/pods", "pods is forbidden: User \"USER\" cannot deletecollection resource \"pods\" in API group \"\" in the namespace \"NS\"")]
    [InlineData("POST", "/api/v1/namespaces/NS/configmaps", "configmaps is forbidden: User \"USER\" cannot create resource \"configmaps\" in API group \"\" in the namespace \"NS\"")]
    [InlineData("PUT", "/apis/apps/v1/namespaces/NS/deployments/d", "deployments.apps \"d\" is forbidden: User \"USER\" cannot update resource \"deployments\" in API group \"apps\" in the namespace \"NS\"")]
    [InlineData("PATCH", "/apis/apps/v1/namespaces/NS/deployments/d/scale", "deployments.apps \"d\" is forbidden: User \"USER\" cannot patch resource \"deployments/scale\" in API group \"apps\" in the namespace \"NS\"")]
    [InlineData("GET", "/api/v1/namespaces/NS", "namespaces \"NS\" is forbidden: User \"USER\" cannot get resource \"namespaces\" in API group \"\" in the namespace \"NS\"")]
    [InlineData("GET", "/api/v1/nodes/n", "nodes \"n\" is forbidden: User \"USER\" cannot get resource \"nodes\" in API group \"\" at the cluster scope")]
    [InlineData("GET", "/apis/nosuch.example.com/v1/widgets", "widgets.nosuch.example.com is forbidden: User \"USER\" cannot list resource \"widgets\" in API group \"nosuch.example.com\" at the cluster scope")]
    [InlineData("GET", "/secret-place", "forbidden: User \"USER\" cannot get path \"/secret-place\"")]
    public async Task A_refusal_says_who_cannot_do_what_where(string method, string path, string message)
    {
        var robot = await NewServiceAccountAsync();

        var answer = await robot.SendAsync(
            new HttpMethod(method),
            path.Replace("NS", Fixture.Namespace, StringComparison.Ordinal),
            method is "POST" or "PUT" or "PATCH" ? "{}" : null,
            method == "PATCH" ? "application/merge-patch+json" : "application/json");

        answer.Refused(403, "Forbidden");
        var expected = message.Replace("NS", Fixture.Namespace, StringComparison.Ordinal).Replace("USER", robot.Username, StringComparison.Ordinal);
        Assert.Equal(expected, (string?)answer.Json["message"]);
    }

    [Fact]
    public async Task The_details_of_a_refusal_name_group_resource_and_object()
    {
        var robot = await NewServiceAccountAsync();

        var answer = (await robot.GetAsync($"{Deployments}/web")).Refused(403, "Forbidden");

        Assert.Equal("""{"name":"web","group":"apps","kind":"deployments"}""", answer.Json["details"]!.ToJsonString());
    }

    [Fact]
    public async Task SelfSubjectReview_tells_a_ServiceAccount_who_it_is()
    {
        var robot = await NewServiceAccountAsync();
        var uid = (await GetAsync($"{ServiceAccounts}/{robot.Name}")).Uid;

        var user = (await robot.PostAsync("/apis/authentication.k8s.io/v1/selfsubjectreviews", "{}")).Succeeded(201).Json["status"]!["userInfo"]!;

        Assert.Equal(robot.Username, (string?)user["username"]);
        Assert.Equal(uid, (string?)user["uid"]);
        Assert.Equal($"""["system:serviceaccounts","system:serviceaccounts:{Fixture.Namespace}","system:authenticated"]""", user["groups"]!.ToJsonString());
        // Since 1.32 in every cluster; behind a feature gate before.
        Assert.StartsWith("JTI=", (string?)user["extra"]!["authentication.kubernetes.io/credential-id"]![0], StringComparison.Ordinal);
    }

    [Fact]
    public async Task SelfSubjectReview_is_not_for_anonymous_callers() =>
        (await Anonymous.PostAsync("/apis/authentication.k8s.io/v1/selfsubjectreviews", "{}")).Refused(403, "Forbidden");

    [Fact]
    public async Task A_review_cannot_be_read_only_made()
    {
        (await GetAsync("/apis/authentication.k8s.io/v1/selfsubjectreviews")).Refused(405, "MethodNotAllowed");
        (await GetAsync("/apis/authorization.k8s.io/v1/subjectaccessreviews")).Refused(405, "MethodNotAllowed");
    }

    [Fact]
    public async Task A_review_of_another_kind_is_a_bad_request() =>
        (await PostAsync("/apis/authentication.k8s.io/v1/tokenreviews", """{"apiVersion":"v1","kind":"Pod","spec":{"token":"x"}}""")).Refused(400, "BadRequest");
}
