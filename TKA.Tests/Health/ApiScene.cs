using System.Collections.Concurrent;
using System.Net;
using System.Reflection;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using TKA.Contracts.Rest;
using TKA.Kubernetes.Client;
using TKA.Tailscale.LocalApi;
using TKA.Tests.Cli;
using TKA.Tests.Infrastructure;
using TKA.Tests.Operator.Infrastructure;
using Xunit;

namespace TKA.Tests.Health;

/// <summary>Cluster, tailnet and operator that the faults of the API share; each fault has an API of its own.</summary>
public sealed class ApiScene : IAsyncLifetime
{
    private static readonly TimeSpan Tick = TimeSpan.FromSeconds(1);

    private readonly FakeTimeProvider _time = new(TimeProvider.System.GetUtcNow());
    private AppMetrics? _metrics;
    private Task _starting = Task.CompletedTask;
    private int _logged;
    private int _operatorAsked;
    private TestAuthority? _authority;
    private TlsListener? _stranger;
    private Uri? _cluster;
    private ConcurrentQueue<(DateTimeOffset At, string Line)> _requests = [];

    public ApiScene() => Clock = new OffsetTime(_time);

    public TkaStack Stack { get; private set; } = null!;

    /// <summary>The API's own clock; all others share another.</summary>
    public OffsetTime Clock { get; }

    /// <summary>What the cluster refuses the API; <see langword="null"/>: nothing.</summary>
    public Func<HttpRequestMessage, bool>? RefusedToApi { get; set; }

    /// <summary>What the cluster refuses the operator; <see langword="null"/>: nothing.</summary>
    public Func<HttpRequestMessage, bool>? RefusedToOperator { get; set; }

    /// <summary>How it is refused.</summary>
    public HttpStatusCode Status { get; set; } = HttpStatusCode.Forbidden;

    /// <summary>What the operator answers requests for tokens; <see langword="null"/>: tokens.</summary>
    public int? OperatorStatus { get; set; }

    /// <summary>Requests for tokens that the operator was sent.</summary>
    public int OperatorAsked => Volatile.Read(ref _operatorAsked);

    /// <summary>The API's requests to the cluster, by the scene's clock.</summary>
    public IReadOnlyList<(DateTimeOffset At, string Line)> Requests => [.. _requests];

    /// <summary>What the API logged as errors.</summary>
    public IEnumerable<string> Errors => Stack.ApiLogs.Lines.Skip(_logged)
        .Where(line => line.Level >= LogLevel.Error && !line.Category.Contains("HealthChecks", StringComparison.Ordinal))
        .Select(line => $"{line.Message} {line.Exception}");

    /// <summary>Changes what tailscaled answers; <see langword="null"/>: nothing.</summary>
    public Func<object?, object?>? Answer { get; set; }

    /// <summary>By how much the versions of sessions are lower than the cluster's, as the API sees them.</summary>
    public long Back { get; set; }

    /// <summary>Settings of the next API.</summary>
    public Dictionary<string, string?> Settings { get; set; } = [];

    /// <summary>A person of the tailnet, another for each fault.</summary>
    public HttpClient Person { get; private set; } = null!;

    public DateTimeOffset Now => _time.GetUtcNow();

    public async ValueTask InitializeAsync()
    {
        Stack = await TkaStack.StartAsync(TestContext.Current.CancellationToken, new TkaStackOptions
        {
            Time = _time,
            ConfigureApi = ConfigureApi,
            ConfigureOperator = ConfigureOperator,
        });
        await Stack.StopApiAsync();
    }

    /// <summary>Starts the API; waits until it is ready unless the fault is there from the start.</summary>
    internal async Task StartAsync(ApiFault fault)
    {
        Settings = fault.Settings;
        _logged = Stack.ApiLogs.Lines.Count;
        if (fault.FromTheStart)
        {
            await fault.Begin(this);
        }

        _starting = Stack.StartApiAsync(TestContext.Current.CancellationToken);
        if (fault.FromTheStart)
        {
            await Eventually.TrueAsync(() => _starting.IsFaulted || Stack.IsApiListening, "the API listens");
        }
        else
        {
            await _starting;
            Person = Stack.From("127.0.0.1");
        }

        _metrics = new AppMetrics(Stack.Api.Services.GetRequiredService<System.Diagnostics.Metrics.IMeterFactory>());
    }

    /// <summary>Leads the API to a server whose certificate is of another CA.</summary>
    public Task LeadToStrangerAsync()
    {
        _authority = new TestAuthority();
        _stranger = new TlsListener(_authority.Issue("127.0.0.1"));
        _cluster = Stack.KubernetesProxy.Target;
        Stack.KubernetesProxy.Target = new Uri($"https://127.0.0.1:{_stranger.Port}");
        Stack.KubernetesProxy.Cut();
        return Task.CompletedTask;
    }

    /// <summary>Leads the API to its cluster again.</summary>
    public async Task LeadBackAsync()
    {
        if (_stranger is not null)
        {
            Stack.KubernetesProxy.Target = _cluster!;
            Stack.KubernetesProxy.Cut();
            await _stranger.DisposeAsync();
            _authority!.Dispose();
            _stranger = null;
        }
    }

    public void ForgetRequests() => _requests = [];

    public void Advance(TimeSpan time) => _time.Advance(time);

    public double Metric(string name) => _metrics!.Value(name);

    public string Log => string.Join('\n', Stack.ApiLogs.Lines.Skip(_logged).Select(line => line.Message));

    /// <summary>Status and text of a probe.</summary>
    public async Task<string> ProbeAsync(string path = "/readyz?verbose")
    {
        using var http = new HttpClient { BaseAddress = Stack.ApiManagementUri };
        using var response = await http.GetAsync(path, TestContext.Current.CancellationToken);
        return $"{(int)response.StatusCode}\n{await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)}";
    }

    /// <summary>Polls while the scene's clock runs.</summary>
    public Task UntilAsync(Func<Task<bool>> condition, string what, Func<string>? seen = null) => Eventually.TrueAsync(
        () =>
        {
            Advance(Tick);
            return condition();
        },
        what,
        seen: seen);

    /// <summary>Mends what a test may have left broken, ends the person's session, and stops the API.</summary>
    public async Task StopAsync()
    {
        (RefusedToApi, RefusedToOperator, OperatorStatus, Answer, Status, Clock.Offset, Back) = (null, null, null, null, HttpStatusCode.Forbidden, TimeSpan.Zero, 0);
        await LeadBackAsync();
        Stack.KubernetesProxy.Resume();
        Stack.OperatorProxy.Resume();
        await UntilAsync(() => Task.FromResult(_starting.IsCompleted), "the API has started");
        if (_starting.IsCompletedSuccessfully)
        {
            var person = Stack.From("127.0.0.1");
            await person.LogoutAsync();
            await UntilAsync(async () => (await person.GetAsync(ApiRoutes.Login, wait: null)).Status == HttpStatusCode.Unauthorized, "the session has ended");
        }

        await Stack.StopApiAsync();
        _metrics?.Dispose();
    }

    public async ValueTask DisposeAsync()
    {
        if (Stack is not null)
        {
            await Stack.DisposeAsync();
        }
    }

    private void ConfigureApi(WebApplicationBuilder builder)
    {
        builder.Configuration.AddInMemoryCollection(Settings);
        builder.Services.AddSingleton<TimeProvider>(Clock);
        Refuse(builder, request =>
        {
            _requests.Enqueue((Now, $"{request.Method} {request.RequestUri!.AbsolutePath}{(request.RequestUri.Query.Contains("watch=", StringComparison.Ordinal) ? " watch" : "")}"));
            return RefusedToApi?.Invoke(request) == true;
        });
        builder.Services.Configure<KubernetesClientOptions>(options => options.Handlers.Add(() => new RestoredCluster(() => Back)));
        builder.Services.AddSingleton(provider => ChangedLocalApi.Create(
            ActivatorUtilities.CreateInstance<LocalApiClient>(provider), answer => Answer is { } change ? change(answer) : answer));
    }

    private void ConfigureOperator(WebApplicationBuilder builder)
    {
        Refuse(builder, request => RefusedToOperator?.Invoke(request) == true);
        builder.Services.AddSingleton<IStartupFilter>(new TokenRefusal(this));
    }

    private void Refuse(WebApplicationBuilder builder, Func<HttpRequestMessage, bool> isRefused) =>
        builder.Services.Configure<KubernetesClientOptions>(options => options.Handlers.Add(() => new RefusingHandler(this, isRefused)));

    private sealed class RefusingHandler(ApiScene scene, Func<HttpRequestMessage, bool> isRefused) : DelegatingHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) => isRefused(request)
            ? Task.FromResult(new HttpResponseMessage(scene.Status)
            {
                Content = new StringContent($$"""{"kind":"Status","apiVersion":"v1","status":"Failure","message":"injected by the test","reason":"","code":{{(int)scene.Status}}}"""),
            })
            : base.SendAsync(request, cancellationToken);
    }

    /// <summary>Answers in place of the operator's token service.</summary>
    private sealed class TokenRefusal(ApiScene scene) : IStartupFilter
    {
        public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
        {
            app.Use((context, following) =>
            {
                if (!context.Request.Path.Value!.EndsWith("/token", StringComparison.Ordinal))
                {
                    return following(context);
                }

                Interlocked.Increment(ref scene._operatorAsked);
                if (scene.OperatorStatus is not { } status)
                {
                    return following(context);
                }

                context.Response.StatusCode = status;
                return Task.CompletedTask;
            });
            next(app);
        };
    }
}

/// <summary>Changes the answers of tailscaled on their way.</summary>
public class ChangedLocalApi : DispatchProxy
{
    private ILocalApiClient? _inner;
    private Func<object?, object?>? _change;

    public static ILocalApiClient Create(ILocalApiClient inner, Func<object?, object?> change)
    {
        var proxy = Create<ILocalApiClient, ChangedLocalApi>();
        var changed = (ChangedLocalApi)(object)proxy;
        (changed._inner, changed._change) = (inner, change);
        return proxy;
    }

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
    {
        var answer = targetMethod!.Invoke(_inner, args);
        return answer switch
        {
            Task<TailscaleStatus> status => ChangeAsync(status),
            Task<CertificatePem> certificate => ChangeAsync(certificate),
            _ => answer,
        };
    }

    private async Task<T> ChangeAsync<T>(Task<T> answer) => (T)_change!(await answer)!;
}
