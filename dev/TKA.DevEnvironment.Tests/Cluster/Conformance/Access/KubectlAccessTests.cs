using System.Diagnostics;
using Xunit;

namespace TKA.DevEnvironment.Tests.Cluster.Conformance.Access;

/// <summary>The commands of stock kubectl about access and schemas.</summary>
public sealed class KubectlAccessTests(ConformanceFixture fixture) : AccessTests(fixture)
{
    [Fact]
    public async Task Auth_whoami_shows_the_ServiceAccount_behind_a_token()
    {
        var robot = await NewServiceAccountAsync();

        var output = await KubectlAsync($"auth whoami -o jsonpath={{.status.userInfo.username}}", robot);

        Assert.Equal(robot.Username, output);
    }

    [Fact]
    public async Task Create_token_prints_a_token_that_works()
    {
        var robot = await NewServiceAccountAsync();

        var token = (await KubectlAsync($"create token {robot.Name} -n {Fixture.Namespace} --duration 10m")).Trim();

        Assert.Contains(robot.Username, (await Bearer(token).PostAsync("/apis/authentication.k8s.io/v1/selfsubjectreviews", "{}")).Succeeded(201).Text, StringComparison.Ordinal);
        var error = await KubectlAsync($"create token {robot.Name} -n {Fixture.Namespace} --duration 9m", exitCode: 1);
        Assert.Contains("may not specify a duration less than 10 minutes", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Auth_can_i_answers_yes_and_no()
    {
        var robot = await NewServiceAccountAsync();
        await GrantAsync(robot, """[{"verbs":["get","list"],"apiGroups":[""],"resources":["pods"]}]""");
        await EventuallyAsync(200, () => robot.GetAsync(Pods));

        Assert.Equal("yes", (await KubectlAsync($"auth can-i list pods -n {Fixture.Namespace}", robot)).Trim());
        Assert.StartsWith("no", await KubectlAsync($"auth can-i delete pods -n {Fixture.Namespace}", robot, exitCode: 1), StringComparison.Ordinal);
        Assert.StartsWith("no", await KubectlAsync("auth can-i list pods -A", robot, exitCode: 1), StringComparison.Ordinal);
        Assert.Equal("yes", (await KubectlAsync("auth can-i get /version", robot)).Trim());
        var list = await KubectlAsync($"auth can-i --list -n {Fixture.Namespace}", robot);
        Assert.Matches(@"pods\s+\[\]\s+\[\]\s+\[get list\]", list);
        Assert.Matches(@"selfsubjectreviews.authentication.k8s.io\s+\[\]\s+\[\]\s+\[create\]", list);
    }

    [Fact]
    public async Task Refusals_are_shown_as_kubectl_users_know_them()
    {
        var robot = await NewServiceAccountAsync();

        Assert.Equal(
            $"Error from server (Forbidden): pods is forbidden: User \"{robot.Username}\" cannot list resource \"pods\" in API group \"\" in the namespace \"{Fixture.Namespace}\"",
            (await KubectlAsync($"get pods -n {Fixture.Namespace}", robot, exitCode: 1)).Trim());
        Assert.Contains("You must be logged in to the server", await KubectlAsync("get pods", Bearer("nonsense"), exitCode: 1), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Create_makes_roles_bindings_and_accounts_that_work()
    {
        var name = Unique("kubectl");
        await KubectlAsync($"create serviceaccount {name} -n {Fixture.Namespace}");
        await KubectlAsync($"create role {name} -n {Fixture.Namespace} --verb=get,list --resource=configmaps,deployments.apps/scale --resource-name=x");
        await KubectlAsync($"create rolebinding {name} -n {Fixture.Namespace} --role={name} --serviceaccount={Fixture.Namespace}:{name}");

        await EventuallyAsync(404, async () => await Bearer(await TokenAsync(name)).GetAsync($"{ConfigMaps}/x"));

        var described = await KubectlAsync($"describe role {name} -n {Fixture.Namespace}");
        Assert.Matches(@"configmaps\s+\[\]\s+\[x\]\s+\[get list\]", described);
        Assert.Matches(@"deployments.apps/scale\s+\[\]\s+\[x\]\s+\[get list\]", described);
        await KubectlAsync($"auth reconcile -n {Fixture.Namespace} -f -", input: $$"""
            apiVersion: rbac.authorization.k8s.io/v1
            kind: Role
            metadata: {name: {{name}}, namespace: {{Fixture.Namespace}} }
            rules: [{apiGroups: [""], resources: [secrets], verbs: [get]}]
            """);
        Assert.Matches(@"secrets\s+\[\]\s+\[\]\s+\[get\]", await KubectlAsync($"describe role {name} -n {Fixture.Namespace}"));
    }

    [Fact]
    public async Task Explain_shows_fields_of_built_in_and_custom_resources()
    {
        Assert.Matches(@"replicas\s+<integer>", await KubectlAsync("explain deployment.spec"));
        Assert.Matches(@"containers\s+<\[\]Container>", await KubectlAsync("explain pod.spec"));
        Assert.Contains("does not exist", await KubectlAsync("explain pod.spec.nosuch", exitCode: 1), StringComparison.Ordinal);
        await Fixture.Cluster.InstallTkaAsync(TestContext.Current.CancellationToken);

        await EventuallyAsync(
            async () => (await KubectlAsync("explain tkasignins.spec --api-version=tka.specht-labs.de/v1alpha1", exitCode: null)).Contains("validity_period", StringComparison.Ordinal),
            "the custom resource is published");
        var spec = await KubectlAsync("explain tkasignins.spec --api-version=tka.specht-labs.de/v1alpha1");
        Assert.Matches(@"username\s+<string> -required-", spec);
        Assert.Contains("Full login name on the tailnet", spec, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("strict", 1, "unknown field \"colour\"")]
    [InlineData("warn", 0, "Warning: unknown field \"colour\"")]
    [InlineData("ignore", 0, "created")]
    public async Task Apply_validates_fields_as_asked(string validation, int exitCode, string expected)
    {
        var output = await KubectlAsync($"apply -n {Fixture.Namespace} --validate={validation} -f -", exitCode: exitCode, input: $$"""
            apiVersion: v1
            kind: ConfigMap
            metadata: {name: {{Unique("validated")}} }
            colour: red
            """);

        Assert.Contains(expected, output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_policy_denial_reaches_the_user()
    {
        var name = Unique("deny") + ".conformance.test";
        await KubectlAsync("apply -f -", input: $$"""
            apiVersion: admissionregistration.k8s.io/v1
            kind: ValidatingAdmissionPolicy
            metadata: {name: {{name}} }
            spec:
              matchConstraints:
                resourceRules: [{apiGroups: [""], apiVersions: [v1], operations: [CREATE], resources: [configmaps]}]
              validations: [{expression: "object.metadata.name != 'refused'", message: pick another name, reason: Forbidden}]
            ---
            apiVersion: admissionregistration.k8s.io/v1
            kind: ValidatingAdmissionPolicyBinding
            metadata: {name: {{name}} }
            spec:
              policyName: {{name}}
              validationActions: [Deny]
              matchResources: {namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: {{Fixture.Namespace}} } } }
            """);
        DeleteAtEnd($"/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicies/{name}");
        DeleteAtEnd($"/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicybindings/{name}");

        await EventuallyAsync(
            async () => (await KubectlAsync($"create configmap refused -n {Fixture.Namespace} --dry-run=server", exitCode: null))
                .Contains($"ValidatingAdmissionPolicy '{name}' with binding '{name}' denied request: pick another name", StringComparison.Ordinal),
            "the policy denies it");
    }

    /// <summary>Runs kubectl as the administrator or with a caller's token; returns what it printed, errors included.</summary>
    private async Task<string> KubectlAsync(string arguments, Caller? caller = null, int? exitCode = 0, string? input = null)
    {
        var kubeconfig = caller is null ? Fixture.Cluster.AdminKubeconfigPath : Fixture.Cluster.WriteKubeconfig("caller", caller.Token);
        using var process = Process.Start(new ProcessStartInfo("kubectl", arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment = { ["KUBECONFIG"] = kubeconfig, ["KUBECACHEDIR"] = Path.Combine(Path.GetTempPath(), $"kubectl-{Fixture.Namespace}") },
        })!;
        var cancellation = TestContext.Current.CancellationToken;
        if (input is not null)
        {
            await process.StandardInput.WriteAsync(input.AsMemory(), cancellation);
        }

        process.StandardInput.Close();
        var error = process.StandardError.ReadToEndAsync(cancellation);
        var output = await process.StandardOutput.ReadToEndAsync(cancellation) + await error;
        await process.WaitForExitAsync(cancellation);
        Assert.True(exitCode is null || exitCode == process.ExitCode, $"kubectl {arguments}: exit code {process.ExitCode}\n{output}");
        return output;
    }
}
