using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;
using TKA.Api.Configuration;
using TKA.Api.Sessions;
using TKA.Contracts.Rest;
using TKA.Kubernetes.Client;
using TKA.Kubernetes.Sessions;
using TKA.ServiceDefaults.Problems;

namespace TKA.Api.Endpoints;

/// <summary>The answer of sessions that are not ready yet.</summary>
internal sealed class NotReady(IOptions<ApiOptions> options, ClusterTime time)
{
    /// <summary>202 with <c>Retry-After</c>.</summary>
    public Accepted<SessionResponse> Answer(HttpContext context, TkaSignin session)
    {
        ProblemWriter.SetRetryAfter(context.Response, TimeSpan.FromSeconds(options.Value.RetryAfterSeconds));
        return TypedResults.Accepted((string?)null, SessionView.Response(session, time.GetUtcNow(), SessionState.Pending));
    }
}
