using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using TKA.Contracts.Rest;
using TKA.Tests.Infrastructure;
using Xunit;

namespace TKA.Tests.Api.Faults;

/// <summary>
/// What the API depends on goes away: 503 with Retry-After long before a slow dependency would be given up, and recovery by itself. The
/// two seconds that are promised are shown with a clock by <see cref="Http.AdaptiveTimeoutTests"/>.
/// </summary>
public class FaultTests
{
    /// <summary>A second less than what is waited for a dependency that is only slow (<c>api.slowTimeout</c>).</summary>
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(9);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Tailscaled_gone_and_back()
    {
        await using var stack = await TkaStack.StartAsync(Cancel);
        await stack.Tailnet.DownAsync();

        await UnavailableAsync(() => stack.From("127.0.0.1").LoginAsync());
        using (var management = new HttpClient { BaseAddress = stack.ApiManagementUri })
        {
            Assert.Equal(HttpStatusCode.ServiceUnavailable, (await management.GetAsync("/readyz", Cancel)).StatusCode);
            Assert.Equal(HttpStatusCode.OK, (await management.GetAsync("/livez", Cancel)).StatusCode);
        }

        await stack.Tailnet.UpAsync(Cancel);
        await stack.From("127.0.0.1").SignInAsync();
    }

    [Fact]
    public async Task Tailscaled_stopped()
    {
        await using var stack = await TkaStack.StartAsync(Cancel);
        await SetRunningAsync(stack, false);

        var reply = await UnavailableAsync(() => stack.From("127.0.0.1").LoginAsync());
        Assert.Equal("tailscale-not-running", reply.Kind);

        await SetRunningAsync(stack, true);
        (await stack.From("127.0.0.1").LoginAsync()).Expect(202);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Kubernetes_gone_and_back(bool silently)
    {
        await using var stack = await TkaStack.StartAsync(Cancel);
        await stack.From("127.0.0.2").SignInAsync();
        var alice = stack.From("127.0.0.1");
        Break(stack.KubernetesProxy, silently);

        await UnavailableAsync(() => alice.LoginAsync());
        await UnavailableAsync(() => stack.From("127.0.0.2").LogoutAsync());
        (await stack.From("127.0.0.2").GetAsync(ApiRoutes.Login, wait: null)).Expect(200);

        stack.KubernetesProxy.Resume();
        await Eventually.TrueAsync(async () => (await alice.LoginAsync()).Status == HttpStatusCode.Accepted);
        (await alice.GetAsync(ApiRoutes.Token, wait: 20)).Expect(200);
    }

    [Fact]
    public async Task Kubernetes_away_at_the_start_is_no_reason_not_to_start()
    {
        await using var stack = await TkaStack.StartAsync(Cancel);
        await stack.StopApiAsync();
        stack.KubernetesProxy.Refuse();
        var starting = stack.StartApiAsync(Cancel);

        await Eventually.TrueAsync(() => stack.KubernetesProxy.Accepted > 0);
        Assert.False(starting.IsCompleted);
        stack.KubernetesProxy.Resume();
        await starting;
        await stack.From("127.0.0.1").SignInAsync();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Operator_gone_and_back(bool silently)
    {
        await using var stack = await TkaStack.StartAsync(Cancel);
        var alice = stack.From("127.0.0.1");
        await alice.SignInAsync();
        Break(stack.OperatorProxy, silently);

        await UnavailableAsync(() => alice.GetAsync(ApiRoutes.Token, wait: null));
        await UnavailableAsync(() => alice.GetAsync(ApiRoutes.Kubeconfig, wait: 30));
        (await alice.GetAsync(ApiRoutes.Login, wait: null)).Expect(200);

        stack.OperatorProxy.Resume();
        await Eventually.TrueAsync(async () => (await alice.GetAsync(ApiRoutes.Token, wait: null)).Status == HttpStatusCode.OK);
    }

    [Theory]
    [InlineData(ApiRoutes.Token)]
    [InlineData(ApiRoutes.Kubeconfig)]
    public async Task S16_a_frozen_replica_of_the_operator_is_not_asked_again(string path)
    {
        await using var stack = await TkaStack.StartAsync(Cancel);
        var alice = stack.From("127.0.0.1");
        await alice.SignInAsync();
        (await alice.GetAsync(path, wait: 20)).Expect(200);
        var connections = stack.OperatorProxy.Accepted;
        stack.OperatorProxy.FreezeOpen();

        await UnavailableAsync(() => alice.GetAsync(path, wait: null));

        // The frozen one never comes back; the next request is on a connection of its own.
        (await alice.GetAsync(path, wait: null)).Expect(200);
        Assert.True(stack.OperatorProxy.Accepted > connections);
    }

    [Fact]
    public async Task An_operator_that_resets_connections_at_any_moment_is_never_an_error_of_ours()
    {
        await using var stack = await TkaStack.StartAsync(Cancel);
        var alice = stack.From("127.0.0.1");
        await alice.SignInAsync();

        // A connection reset between connect and its first use shows in .NET as a bare SocketException.
        for (var round = 0; round < 50; round++)
        {
            stack.OperatorProxy.Refuse();
            await UnavailableAsync(() => alice.GetAsync(ApiRoutes.Token, wait: null));
            stack.OperatorProxy.Resume();
        }

        Assert.Empty(stack.ApiErrors);
    }

    [Fact]
    public async Task Without_the_operator_a_login_is_pending_and_a_long_poll_lasts_as_long_as_asked()
    {
        await using var stack = await TkaStack.StartAsync(Cancel, new TkaStackOptions { Operator = false });
        var alice = stack.From("127.0.0.1");
        (await alice.LoginAsync()).Expect(202);

        foreach (var path in new[] { ApiRoutes.Login, ApiRoutes.Kubeconfig, ApiRoutes.Token })
        {
            var reply = (await alice.GetAsync(path, wait: null)).Expect(202);
            Assert.Equal(TimeSpan.FromSeconds(1), reply.Headers.RetryAfter!.Delta);
            Assert.Equal(SessionStatus.Pending, reply.Session.Status);
        }

        var started = TimeProvider.System.GetTimestamp();
        (await alice.GetAsync(ApiRoutes.Token, wait: 1)).Expect(202);
        Assert.InRange(TimeProvider.System.GetElapsedTime(started), TimeSpan.FromSeconds(0.9), TimeSpan.FromSeconds(10));

        // The answer comes the moment the operator is done, long before the wait is over.
        var waiting = alice.GetAsync(ApiRoutes.Login, wait: 30);
        await stack.StartOperatorAsync(Cancel);
        (await waiting).Expect(200);

        await stack.StopOperatorAsync();
        (await alice.LogoutAsync()).Expect(200);
        Assert.Equal("session-ending", (await UnavailableAsync(() => alice.LoginAsync())).Kind);
    }

    [Fact]
    public async Task A_client_that_leaves_a_long_poll_leaves_nothing_behind()
    {
        await using var stack = await TkaStack.StartAsync(Cancel, new TkaStackOptions { Operator = false });
        var alice = stack.From("127.0.0.1");
        await alice.LoginAsync();
        using var impatient = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        using var request = new HttpRequestMessage(HttpMethod.Get, ApiRoutes.Token);
        request.Headers.Add("Prefer", "wait=30");
        var sending = alice.SendAsync(request, impatient.Token);

        await impatient.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => sending);

        (await alice.GetAsync(ApiRoutes.Login, wait: null)).Expect(202);
        Assert.Empty(stack.ApiErrors);
    }

    [Theory]
    [InlineData(ApiRoutes.Login)]
    [InlineData(ApiRoutes.Token)]
    public async Task A_stopping_server_answers_what_it_holds(string path)
    {
        var arrived = new Arrival(path);
        await using var stack = await TkaStack.StartAsync(
            Cancel, new TkaStackOptions { Operator = false, ConfigureApi = builder => builder.Services.AddSingleton<IStartupFilter>(arrived) });
        var alice = stack.From("127.0.0.1");
        await alice.LoginAsync();

        // Longer than a stopping server waits before it cuts its connections.
        var waiting = alice.GetAsync(path, wait: 30);
        await arrived.Task.WaitAsync(TimeSpan.FromSeconds(20), Cancel);

        var stopping = stack.StopApiAsync();

        (await waiting).Expect(202);
        await stopping;
    }

    private static void Break(FaultyProxy proxy, bool silently)
    {
        if (silently)
        {
            proxy.Freeze();
        }
        else
        {
            proxy.Refuse();
        }
    }

    private static async Task<ApiReply> UnavailableAsync(Func<Task<ApiReply>> call)
    {
        var started = TimeProvider.System.GetTimestamp();
        var reply = (await call()).Expect(503);
        var took = TimeProvider.System.GetElapsedTime(started);
        Assert.True(took < Limit, $"503 came after {took}");
        Assert.InRange(reply.Headers.RetryAfter!.Delta!.Value.TotalSeconds, 1, 60);
        Assert.NotEmpty(reply.Problem.Advice);
        return reply;
    }

    private static async Task SetRunningAsync(TkaStack stack, bool running)
    {
        using var http = new HttpClient(new SocketsHttpHandler
        {
            ConnectCallback = async (_, token) =>
            {
                var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                await socket.ConnectAsync(new UnixDomainSocketEndPoint(stack.Tailnet.SocketPath), token);
                return new NetworkStream(socket, ownsSocket: true);
            },
        });
        using var body = new StringContent($$"""{"WantRunning":{{(running ? "true" : "false")}},"WantRunningSet":true}""", Encoding.UTF8, "application/json");
        using var response = await http.PatchAsync("http://local-tailscaled.sock/localapi/v0/prefs", body, Cancel);
        response.EnsureSuccessStatusCode();
    }

    /// <summary>Tells when a GET of a path has reached the server.</summary>
    private sealed class Arrival(string path) : IStartupFilter
    {
        private readonly TaskCompletionSource _arrived = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Task => _arrived.Task;

        public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
        {
            app.Use((context, following) =>
            {
                if (HttpMethods.IsGet(context.Request.Method) && context.Request.Path == path)
                {
                    _arrived.TrySetResult();
                }

                return following(context);
            });
            next(app);
        };
    }
}
