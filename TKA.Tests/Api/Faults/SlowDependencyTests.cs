using Microsoft.Extensions.DependencyInjection;
using TKA.Api.Configuration;
using TKA.Contracts.Rest;
using TKA.Kubernetes.Client;
using TKA.Tests.Infrastructure;
using Xunit;

namespace TKA.Tests.Api.Faults;

/// <summary>Slow is not gone: what still answers other questions is waited for. How long is shown by <see cref="Http.AdaptiveTimeoutTests"/>.</summary>
public sealed class SlowDependencyTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_cluster_that_takes_its_time_with_a_write_is_asked_for_a_sign_of_life()
    {
        var slow = new SlowWrites();
        await using var stack = await TkaStack.StartAsync(Cancel, new TkaStackOptions
        {
            ConfigureApi = builder => builder.Services
                .Configure<ApiOptions>(options => options.UpstreamTimeout = TimeSpan.FromSeconds(6))
                .Configure<KubernetesClientOptions>(options => options.Handlers.Add(slow.CreateHandler)),
        });
        var alice = stack.From("127.0.0.1");

        (await alice.LoginAsync()).Expect(202);
        (await alice.GetAsync(ApiRoutes.Token, wait: 20)).Expect(200);
        Assert.True(slow.Held, "the write was not held: the test shows nothing");
    }

    /// <summary>Writes of sessions wait until the server has answered another question.</summary>
    private sealed class SlowWrites
    {
        private readonly TaskCompletionSource _sign = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public bool Held { get; private set; }

        public DelegatingHandler CreateHandler() => new Handler(this);

        private sealed class Handler(SlowWrites writes) : DelegatingHandler
        {
            protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
            {
                var path = request.RequestUri!.AbsolutePath;
                if (request.Method == HttpMethod.Post && path.EndsWith("/tkasignins", StringComparison.Ordinal))
                {
                    writes.Held = true;
                    await writes._sign.Task.WaitAsync(cancellationToken);
                }

                var response = await base.SendAsync(request, cancellationToken);
                if (path == "/livez")
                {
                    writes._sign.TrySetResult();
                }

                return response;
            }
        }
    }
}
