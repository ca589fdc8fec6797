using Xunit;

namespace TKA.DevEnvironment.Tests.Cluster.Conformance.Access;

/// <summary>
/// Who may not create a Pod, and what a namespace does not take: judged as on a real server, though no Pod is created here.
/// </summary>
public sealed class PodAdmissionTests(ConformanceFixture fixture) : AccessTests(fixture)
{
    private const string Image = "\"image\":\"registry.k8s.io/pause:3.10\"";

    private const string Restricted =
        """{"securityContext":{"runAsNonRoot":true,"seccompProfile":{"type":"RuntimeDefault"}},"containers":[{"name":"c",IMAGE,"securityContext":{"allowPrivilegeEscalation":false,"capabilities":{"drop":["ALL"]}}}]}""";

    [Fact]
    public async Task Without_the_right_a_Pod_is_forbidden_whatever_it_is()
    {
        var robot = await NewServiceAccountAsync();

        (await robot.PostAsync(Pods, Pod("p", "{}"))).Refused(403, "Forbidden");
        (await robot.PostAsync($"/apis/batch/v1/namespaces/{Fixture.Namespace}/jobs", "{}")).Refused(403, "Forbidden");
    }

    [Theory]
    [InlineData("""{"containers":[{"name":"c",IMAGE}]}""", "allowPrivilegeEscalation != false (container \"c\" must set securityContext.allowPrivilegeEscalation=false), unrestricted capabilities (container \"c\" must set securityContext.capabilities.drop=[\"ALL\"]), runAsNonRoot != true (pod or container \"c\" must set securityContext.runAsNonRoot=true), seccompProfile (pod or container \"c\" must set securityContext.seccompProfile.type to \"RuntimeDefault\" or \"Localhost\")")]
    [InlineData("""{"hostNetwork":true,"securityContext":{"runAsNonRoot":true,"runAsUser":0,"seccompProfile":{"type":"RuntimeDefault"}},"volumes":[{"name":"v","hostPath":{"path":"/"}}],"containers":[{"name":"c",IMAGE,"securityContext":{"allowPrivilegeEscalation":false,"capabilities":{"drop":["ALL"],"add":["SYS_ADMIN"]}}}]}""", "host namespaces (hostNetwork=true), unrestricted capabilities (container \"c\" must not include \"SYS_ADMIN\" in securityContext.capabilities.add), restricted volume types (volume \"v\" uses restricted volume type \"hostPath\"), runAsUser=0 (pod must not set runAsUser=0)")]
    public async Task A_namespace_refuses_Pods_below_its_security_level(string spec, string reasons)
    {
        var pods = await LabelledNamespaceAsync("pod-security.kubernetes.io/enforce\":\"restricted");

        var answer = (await PostAsync(pods, Pod("p", spec))).Refused(403, "Forbidden");

        Assert.Equal($"pods \"p\" is forbidden: violates PodSecurity \"restricted:latest\": {reasons}", (string?)answer.Json["message"]);
    }

    [Fact]
    public async Task A_Pod_at_its_namespaces_level_is_admitted()
    {
        var pods = await LabelledNamespaceAsync("pod-security.kubernetes.io/enforce\":\"restricted");

        var answer = await PostAsync(pods + "?dryRun=All", Pod("p", Restricted));

        Assert.Equal(Fixture.Cluster.IsEmbedded ? 501 : 201, answer.Code);
    }

    [Fact]
    public async Task A_workload_below_the_level_is_stored_with_a_warning()
    {
        var pods = await LabelledNamespaceAsync("pod-security.kubernetes.io/warn\":\"restricted");
        var deployments = pods.Replace("/api/v1/", "/apis/apps/v1/", StringComparison.Ordinal).Replace("/pods", "/deployments", StringComparison.Ordinal);

        var answer = (await PostAsync(deployments, Workloads.Deployment("d").Replace("\"spec\":{\"containers\"", "\"spec\":{\"hostNetwork\":true,\"containers\"", StringComparison.Ordinal))).Succeeded(201);

        Assert.Contains(
            "would violate PodSecurity \\\"restricted:latest\\\": host namespaces (hostNetwork=true), allowPrivilegeEscalation",
            Assert.Single(answer.Response.Headers.GetValues("Warning")),
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_quota_of_no_Pods_refuses_them()
    {
        var pods = await LabelledNamespaceAsync("a\":\"b");
        var quotas = pods.Replace("/pods", "/resourcequotas", StringComparison.Ordinal);
        (await PostAsync(quotas, """{"metadata":{"name":"no-pods"},"spec":{"hard":{"pods":"0"}}}""")).Succeeded(201);

        // A real server refuses with other words until its controller has filled the quota's status.
        Answer? answer = null;
        await EventuallyAsync(
            async () => ((string?)(answer = await PostAsync(pods, Pod("p", Restricted))).Json["message"])?.Contains("exceeded quota", StringComparison.Ordinal) == true,
            "the quota is in force");

        answer!.Refused(403, "Forbidden");
        Assert.Equal("pods \"p\" is forbidden: exceeded quota: no-pods, requested: pods=1, used: pods=0, limited: pods=0", (string?)answer.Json["message"]);
    }

    [Theory]
    [InlineData("""{"hard":{"count/secrets":"1"}}""")]
    [InlineData("""{"hard":{"pods":"1k"}}""")]
    [InlineData("""{"hard":{"pods":"1"},"scopes":["BestEffort"]}""")]
    public async Task The_embedded_cluster_refuses_a_quota_that_it_would_not_enforce(string spec)
    {
        Assert.SkipUnless(Fixture.Cluster.IsEmbedded, "a real cluster enforces it");

        (await PostAsync(Pods.Replace("/pods", "/resourcequotas", StringComparison.Ordinal), $$"""{"metadata":{"name":"other"},"spec":{{spec}} }""")).Refused(501, "NotImplemented");
    }

    [Fact]
    public async Task A_level_that_the_embedded_cluster_does_not_judge_is_named_in_a_warning()
    {
        Assert.SkipUnless(Fixture.Cluster.IsEmbedded, "a real cluster judges it");
        var pods = await LabelledNamespaceAsync("pod-security.kubernetes.io/warn\":\"baseline");

        var answer = (await PostAsync(pods, Pod("p", Restricted))).Refused(501, "NotImplemented");

        Assert.Contains("does not judge", Assert.Single(answer.Response.Headers.GetValues("Warning")), StringComparison.Ordinal);
    }

    private static string Pod(string name, string spec) =>
        $$"""{"apiVersion":"v1","kind":"Pod","metadata":{"name":"{{name}}"},"spec":{{spec.Replace("IMAGE", Image, StringComparison.Ordinal)}} }""";

    /// <summary>A namespace with a label; returns the path of its Pods.</summary>
    private async Task<string> LabelledNamespaceAsync(string label)
    {
        var name = Unique("conformance");
        (await PostAsync("/api/v1/namespaces", $$$"""{"metadata":{"name":"{{{name}}}","labels":{"{{{label}}}"} } }""")).Succeeded(201);
        DeleteAtEnd($"/api/v1/namespaces/{name}");
        await EventuallyAsync(200, () => GetAsync($"/api/v1/namespaces/{name}/serviceaccounts/default"));
        return $"/api/v1/namespaces/{name}/pods";
    }
}
