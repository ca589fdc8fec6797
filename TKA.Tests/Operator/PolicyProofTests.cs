using k8s;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using TKA.Operator.Sessions.Access;
using TKA.Tests.Infrastructure;
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

        await using var tested = await StartUnboundAsync(world);
        var proof = tested.App.Services.GetRequiredService<PolicyProof>();
        Assert.Contains("tka-bindings", proof.Missing, StringComparison.Ordinal);
        Assert.False(tested.Leadership.IsLeading);
        Assert.Equal(1, tested.Metric("tka_admission_policies_missing"));
        var health = await tested.App.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync(check => check.Name == "policies", Cancel);
        Assert.Equal(HealthStatus.Unhealthy, health.Status);

        binding.Metadata.ResourceVersion = null;
        await world.Cluster.Admin.CreateValidatingAdmissionPolicyBindingAsync(binding, cancellationToken: Cancel);
        await world.UntilAsync(() => Task.FromResult(tested.Leadership.IsLeading), "it leads");
        Assert.Null(proof.Missing);
    }

    [Fact]
    public async Task An_operator_that_could_get_a_token_for_policies_does_not_lead()
    {
        await using var world = await SessionWorld.StartAsync();
        var admin = world.Cluster.Admin;
        await using (await OperatorUnderTest.StartAsync(world))
        {
            await world.UntilAsync(
                async () => (await admin.ListValidatingAdmissionPolicyBindingAsync(cancellationToken: Cancel)).Items.Any(binding => binding.Metadata.Name == world.Tka.LeavingNames().Policy),
                "the leaving policy");
        }

        await admin.DeleteValidatingAdmissionPolicyBindingAsync(world.Tka.ClusterName("tka-guard-token"), cancellationToken: Cancel);
        await using var tested = await StartUnboundAsync(world, "tka-guard-token");
        Assert.False(tested.Leadership.IsLeading);
    }

    [Fact]
    public async Task A_policy_that_is_removed_later_is_reported()
    {
        await using var world = await SessionWorld.StartAsync();
        await using var tested = await OperatorUnderTest.StartAsync(world, new OperatorSetup { Configuration = new() { ["operator:leaderElection"] = "false" } });
        await world.Cluster.Admin.DeleteValidatingAdmissionPolicyBindingAsync(world.Tka.ClusterName("tka-bindings"), cancellationToken: Cancel);

        // A real cluster goes on applying the policy for a moment, so it is looked at every ten minutes more than once.
        world.TickLength = TimeSpan.FromMinutes(1);
        var proof = tested.App.Services.GetRequiredService<PolicyProof>();
        await world.UntilAsync(() => Task.FromResult(proof.Missing is not null), "the missing policy is named");
        Assert.True(tested.Leadership.IsLeading);
    }

    /// <summary>A broken webhook answers no creation of a binding. An operator that waited for it would end no session.</summary>
    [Fact]
    public async Task A_cluster_that_answers_no_binding_keeps_no_session_from_being_ended_and_is_not_asked_without_end()
    {
        const string Alice = "alice@example.com";
        await using var world = await SessionWorld.StartAsync();
        await using (await OperatorUnderTest.StartAsync(world))
        {
            await world.LoginAsync(Alice);
            await world.ReadyAsync(Alice);
        }

        await using var proxy = await FaultProxy.StartAsync(world);
        proxy.Rule = request => request.Method == "POST" && request.Path.EndsWith("bindings", StringComparison.Ordinal) ? new Fault { Status = 500, Reason = "Broken" } : null;
        await using var tested = await OperatorUnderTest.StartAsync(world, new OperatorSetup { Proxy = proxy, Configuration = new() { ["operator:leaderElection"] = "false" } });
        var proof = tested.App.Services.GetRequiredService<PolicyProof>();
        Assert.Contains("could not be found out", proof.Missing, StringComparison.Ordinal);
        await world.LogoutAsync(Alice);
        await world.GoneAsync(Alice);

        var started = world.Clock.GetUtcNow();
        world.TickLength = TimeSpan.FromSeconds(2);
        await world.UntilAsync(() => Task.FromResult(world.Clock.GetUtcNow() - started > TimeSpan.FromMinutes(3)), "three minutes");
        Assert.InRange(proxy.Log.Count(request => request.Method == "POST" && request.Path.EndsWith("bindings", StringComparison.Ordinal)), 3, 40);
        proxy.Rule = static _ => null;
        await world.UntilAsync(() => Task.FromResult(proof.Missing is null), "the policies are proven");
    }

    /// <summary>An operator that has found its policy missing. A real cluster goes on applying a deleted policy for a moment, and one that starts in it leads.</summary>
    private static async Task<OperatorUnderTest> StartUnboundAsync(SessionWorld world, string policy = "tka-bindings")
    {
        OperatorUnderTest? unbound = null;
        await Eventually.TrueAsync(
            async () =>
            {
                var tested = await OperatorUnderTest.StartWithoutWaitingAsync(world, new OperatorSetup { Configuration = new() { ["operator:leaderElection"] = "false" } });
                var proof = tested.App.Services.GetRequiredService<PolicyProof>();
                await Eventually.TrueAsync(() => tested.Leadership.IsLeading || proof.Missing?.Contains(policy, StringComparison.Ordinal) == true, "the policies are looked at");
                if (!tested.Leadership.IsLeading)
                {
                    unbound = tested;
                    return true;
                }

                await tested.DisposeAsync();
                return false;
            },
            "an operator finds its policy missing");
        return unbound!;
    }
}
