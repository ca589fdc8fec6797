using k8s;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using TKA.Operator.Sessions.Access;
using TKA.Tests.Operator.Infrastructure;
using Xunit;

namespace TKA.Tests.Operator;

/// <summary>An operator leads only where its admission policies bind it.</summary>
public sealed class PolicyProofTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_operator_that_nothing_binds_does_not_lead_until_something_does()
    {
        await using var world = await SessionWorld.StartAsync();
        var name = world.Tka.ClusterName("tka-bindings");
        var binding = await world.Cluster.Admin.ReadValidatingAdmissionPolicyBindingAsync(name, cancellationToken: Cancel);
        await world.Cluster.Admin.DeleteValidatingAdmissionPolicyBindingAsync(name, cancellationToken: Cancel);

        await using var tested = await OperatorUnderTest.StartWithoutWaitingAsync(world);
        var proof = tested.App.Services.GetRequiredService<PolicyProof>();
        await world.UntilAsync(() => Task.FromResult(proof.Missing?.Contains("tka-bindings", StringComparison.Ordinal) == true), "the missing policy is named");
        Assert.False(tested.Controller.IsLeading);
        Assert.Equal(1, tested.Metric("tka_admission_policies_missing"));
        var health = await tested.App.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync(check => check.Name == "policies", Cancel);
        Assert.Equal(HealthStatus.Unhealthy, health.Status);

        binding.Metadata.ResourceVersion = null;
        await world.Cluster.Admin.CreateValidatingAdmissionPolicyBindingAsync(binding, cancellationToken: Cancel);
        await world.UntilAsync(() => Task.FromResult(tested.Controller.IsLeading), "it leads");
        Assert.Null(proof.Missing);
    }

    [Fact]
    public async Task A_policy_that_is_removed_later_is_reported()
    {
        await using var world = await SessionWorld.StartAsync();
        await using var tested = await OperatorUnderTest.StartAsync(world, new OperatorSetup { Configuration = new() { ["operator:leaderElection"] = "false" } });
        await world.Cluster.Admin.DeleteValidatingAdmissionPolicyBindingAsync(world.Tka.ClusterName("tka-bindings"), cancellationToken: Cancel);

        world.Time.Advance(TimeSpan.FromMinutes(10));

        var proof = tested.App.Services.GetRequiredService<PolicyProof>();
        await world.UntilAsync(() => Task.FromResult(proof.Missing is not null), "the missing policy is named");
        Assert.True(tested.Controller.IsLeading);
    }
}
