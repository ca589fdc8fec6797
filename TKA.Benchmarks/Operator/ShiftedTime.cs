namespace TKA.Benchmarks.Operator;

/// <summary>Another time of day; everything else as it is.</summary>
internal sealed class ShiftedTime(TimeSpan shift) : TimeProvider
{
    public override DateTimeOffset GetUtcNow() => System.GetUtcNow() + shift;
}

/// <summary>Shows the cluster's answers with that time of day, so that the operator does not correct it.</summary>
internal sealed class ShiftedDate(TimeProvider time) : DelegatingHandler
{
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var response = await base.SendAsync(request, cancellationToken);
        response.Headers.Date = time.GetUtcNow();
        return response;
    }
}
