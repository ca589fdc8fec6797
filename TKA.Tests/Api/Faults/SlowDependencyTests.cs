using Microsoft.Extensions.DependencyInjection;
using TKA.Contracts.Rest;
using TKA.Kubernetes.Client;
using TKA.Tests.Infrastructure;
using Xunit;

namespace TKA.Tests.Api.Faults;

/// <summary>Slow is not gone: what still answers other questions is waited for.</summary>
public sealed class SlowDependencyTests
{
    // Longer than a silent dependency is waited for.
    private static readonly TimeSpan Delay = TimeSpan.FromSeconds(3);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_cluster_that_takes_its_time_with_a_write_is_waited_for()
    {
        await using var stack = await TkaStack.StartAsync(Cancel, new TkaStackOptions { ConfigureApi = builder => Slow(builder.Services, "/tkasignins") });
        var alice = stack.From("127.0.0.1");

        (await alice.LoginAsync()).Expect(202);
        (await alice.GetAsync(ApiRoutes.Token, wait: 20)).Expect(200);
    }

    [Fact]
    public async Task An_operator_that_takes_its_time_with_a_token_is_waited_for()
    {
        await using var stack = await TkaStack.StartAsync(Cancel, new TkaStackOptions { ConfigureOperator = builder => Slow(builder.Services, "/token") });
        var alice = stack.From("127.0.0.1");

        (await alice.LoginAsync()).Expect(202);
        (await alice.GetAsync(ApiRoutes.Token, wait: 20)).Expect(200);
    }

    private static void Slow(IServiceCollection services, string path) =>
        services.Configure<KubernetesClientOptions>(options => options.Handlers.Add(() => new SlowWrites(path)));

    private sealed class SlowWrites(string path) : DelegatingHandler
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            if (request.Method == HttpMethod.Post && request.RequestUri!.AbsolutePath.EndsWith(path, StringComparison.Ordinal))
            {
                await Task.Delay(Delay, TimeProvider.System, cancellationToken);
            }

            return await base.SendAsync(request, cancellationToken);
        }
    }
}
