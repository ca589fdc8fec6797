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
    [InlineData("restricted", """{"containers":[{"name":"c",IMAGE}]}""", "allowPrivilegeEscalation != false (container \"c\" must set securityContext.allowPrivilegeEscalation=false), unrestricted capabilities (container \"c\" must set securityContext.capabilities.drop=[\"ALL\"]), runAsNonRoot != true (pod or container \"c\" must set securityContext.runAsNonRoot=true), seccompProfile (pod or container \"c\" must set securityContext.seccompProfile.type to \"RuntimeDefault\" or \"Localhost\")")]
    [InlineData("restricted", """{"hostNetwork":true,"securityContext":{"runAsNonRoot":true,"runAsUser":0,"seccompProfile":{"type":"RuntimeDefault"}},"volumes":[{"name":"v","hostPath":{"path":"/"}}],"containers":[{"name":"c",IMAGE,"securityContext":{"allowPrivilegeEscalation":false,"capabilities":{"drop":["ALL"],"add":["SYS_ADMIN"]}}}]}""", "host namespaces (hostNetwork=true), unrestricted capabilities (container \"c\" must not include \"SYS_ADMIN\" in securityContext.capabilities.add), restricted volume types (volume \"v\" uses restricted volume type \"hostPath\"), runAsUser=0 (pod must not set runAsUser=0)")]
    [InlineData("baseline", """{"hostPID":true,"volumes":[{"name":"v","hostPath":{"path":"/"}}],"containers":[{"name":"c",IMAGE,"securityContext":{"privileged":true}},{"name":"d",IMAGE,"ports":[{"containerPort":80,"hostPort":80}]}]}""", "host namespaces (hostPID=true), hostPath volumes (volume \"v\"), hostPort (container \"d\" uses hostPort 80), privileged (container \"c\" must not set securityContext.privileged=true)")]
    public async Task A_namespace_refuses_Pods_below_its_security_level(string level, string spec, string reasons)
    {
        var pods = await LabelledNamespaceAsync($"pod-security.kubernetes.io/enforce\":\"{level}");

        var answer = (await PostAsync(pods, Pod("p", spec))).Refused(403, "Forbidden");

        Assert.Equal($"pods \"p\" is forbidden: violates PodSecurity \"{level}:latest\": {reasons}", (string?)answer.Json["message"]);
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
        var pods = await LabelledNamespaceAsync("pod-security.kubernetes.io/warn\":\"baseline");
        var deployments = pods.Replace("/api/v1/", "/apis/apps/v1/", StringComparison.Ordinal).Replace("/pods", "/deployments", StringComparison.Ordinal);

        var answer = (await PostAsync(deployments, Workloads.Deployment("d").Replace("\"spec\":{\"containers\"", "\"spec\":{\"hostNetwork\":true,\"containers\"", StringComparison.Ordinal))).Succeeded(201);

        Assert.Contains(
            "would violate PodSecurity \\\"baseline:latest\\\": host namespaces (hostNetwork=true)",
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

    [Fact]
    public async Task A_quota_counts_objects_of_other_kinds()
    {
        var pods = await LabelledNamespaceAsync("a\":\"b");
        (await PostAsync(pods.Replace("/pods", "/resourcequotas", StringComparison.Ordinal), """{"metadata":{"name":"one"},"spec":{"hard":{"count/secrets":"1"}}}""")).Succeeded(201);
        var secrets = pods.Replace("/pods", "/secrets", StringComparison.Ordinal);
        await EventuallyAsync(async () => (await PostAsync(secrets, """{"metadata":{"name":"first"}}""")).Code is 201 or 409, "the quota is in force");

        var answer = (await PostAsync(secrets, """{"metadata":{"name":"second"}}""")).Refused(403, "Forbidden");

        Assert.Equal(
            "secrets \"second\" is forbidden: exceeded quota: one, requested: count/secrets=1, used: count/secrets=1, limited: count/secrets=1",
            (string?)answer.Json["message"]);
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
