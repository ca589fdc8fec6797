namespace TKA.Tests.Infrastructure;

/// <summary>Gives the answers of a cluster the time of a test's clock, so that to its client the cluster lives in the test's time.</summary>
public sealed class ClusterDate(TimeProvider clock) : DelegatingHandler
{
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var response = await base.SendAsync(request, cancellationToken);
        response.Headers.Date = clock.GetUtcNow();
        return response;
    }
}
