using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using TKA.Contracts.Rest;
using TKA.Kubernetes.Client;
using TKA.Tests.Infrastructure;
using Xunit;

namespace TKA.Tests.EndToEnd;

/// <summary>A replica of the API whose watch is behind does not know a session that another replica has created.</summary>
public sealed class ReplicaLagTests
{
    private const string Device = "127.0.0.1";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task It_asks_the_cluster_before_it_says_that_there_is_no_session()
    {
        await using var stack = await TkaStack.StartAsync(Cancel);
        await using var behind = await ApiReplica.StartAsync(
            stack,
            stack.Tailnet,
            builder =>
            {
                builder.Logging.ClearProviders();
                builder.Services.Configure<KubernetesClientOptions>(options => options.Handlers.Add(() => new WithoutWatches()));
            },
            Cancel);
        using var there = TestTailnet.ClientFrom(Device, ApiReplica.UriOf(behind));
        await stack.From(Device).SignInAsync();

        (await there.GetAsync(ApiRoutes.Token, wait: 20)).Expect(200);

        // The session after this one is unknown there as well.
        (await stack.From(Device).LogoutAsync()).Expect(200);
        await Eventually.TrueAsync(async () => (await stack.From(Device).LoginAsync()).Status == HttpStatusCode.Accepted, "the next session");
        (await there.LogoutAsync()).Expect(200);
        await Eventually.TrueAsync(async () => (await stack.From(Device).GetAsync(ApiRoutes.Login, wait: null)).Status == HttpStatusCode.Unauthorized, "it has ended");
        (await there.LogoutAsync()).Expect(404);
        (await there.GetAsync(ApiRoutes.Token, wait: 20)).Expect(401);
    }

    /// <summary>Answers no request for a watch before it is given up.</summary>
    private sealed class WithoutWatches : DelegatingHandler
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            if (request.RequestUri!.Query.Contains("watch=", StringComparison.Ordinal))
            {
                await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken);
            }

            return await base.SendAsync(request, cancellationToken);
        }
    }
}
