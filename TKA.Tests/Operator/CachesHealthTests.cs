using Microsoft.Extensions.Diagnostics.HealthChecks;
using TKA.Kubernetes.Caching;
using TKA.Kubernetes.Client;
using TKA.Operator.Health;
using TKA.Operator.Runtime.LeaderElection;
using Xunit;

namespace TKA.Tests.Operator;

/// <summary>S7: an operator that has no working connection for longer than a lease lasts is not ready, and says why.</summary>
public sealed class CachesHealthTests
{
    [Theory]
    [InlineData(null, 0, HealthStatus.Healthy)]
    [InlineData("the certificate was rejected", 3600, HealthStatus.Degraded)]
    [InlineData("the certificate was rejected", 0, HealthStatus.Unhealthy)]
    public async Task Readiness_follows_the_connection(string? error, int leaseSeconds, HealthStatus expected)
    {
        using var transport = new KubernetesTransport(new k8s.Kubernetes(new k8s.KubernetesClientConfiguration { Host = "http://127.0.0.1:1" }));
        var informer = new BrokenInformer { LastError = error is null ? null : new KubernetesRequestException(KubernetesError.Unavailable, error) };
        var election = new LeaderElectionOptions { Namespace = "tka-system", Name = "tka-operator", Identity = "me", LeaseDuration = TimeSpan.FromSeconds(leaseSeconds) };

        var result = await new CachesHealthCheck([informer], transport, election).CheckHealthAsync(new HealthCheckContext(), TestContext.Current.CancellationToken);

        Assert.Equal(expected, result.Status);
        if (expected == HealthStatus.Unhealthy)
        {
            Assert.Contains(error!, result.Description, StringComparison.Ordinal);
        }
    }

    private sealed class BrokenInformer : IInformer
    {
        public string Resource => "tkasignins";

        public bool HasSynced => true;

        public KubernetesRequestException? LastError { get; init; }

        public Task WaitForSyncAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
