using System.Net;
using System.Text.Json;
using TKA.Cli.Errors;
using TKA.Contracts;
using TKA.Contracts.Kubeconfig;
using TKA.Contracts.Rest;

namespace TKA.Cli.Client;

/// <summary>The TKA API, one method per endpoint.</summary>
/// <param name="transport">HTTP to the server.</param>
/// <param name="clock">Clock.</param>
/// <param name="timeout">How long to wait until something is ready.</param>
internal sealed class TkaClient(HttpTransport transport, TimeProvider clock, TimeSpan timeout) : IDisposable
{
    // A rejected session never becomes ready: after this the session's state is asked for, and the rest of the time waited in long steps.
    private const int FirstWaitSeconds = 5;
    private static readonly TimeSpan RetryBudget = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan AwayPause = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan RequestLimit = TimeSpan.FromSeconds(20);

    /// <summary>The server.</summary>
    public Uri Server => transport.Server;

    /// <summary>How far the server's clock is ahead of ours; null before any answer.</summary>
    public TimeSpan? ClockAhead => transport.ClockAhead;

    /// <summary>The server has accepted a login of this run.</summary>
    public bool HasSignedIn { get; private set; }

    /// <inheritdoc/>
    public void Dispose() => transport.Dispose();

    /// <summary>Signs in, or renews.</summary>
    public async Task<SessionResponse> LoginAsync(LoginRequest request, CancellationToken cancellationToken)
    {
        // No body when nothing is asked for: that is what the Go TKA's server expects.
        var body = request is { Role: null, Period: null } ? null : JsonSerializer.Serialize(request, ContractsJsonContext.Default.LoginRequest);
        var answer = await SendAsync(HttpMethod.Post, ApiRoutes.Login, body: body, cancellationToken: cancellationToken);
        HasSignedIn = true;
        return transport.Read(answer, ContractsJsonContext.Default.SessionResponse);
    }

    /// <summary>The session as the server sees it; null when not signed in.</summary>
    public async Task<SessionResponse?> GetLoginAsync(CancellationToken cancellationToken)
    {
        var answer = await SendAsync(HttpMethod.Get, ApiRoutes.Login, tolerate: HttpStatusCode.Unauthorized, cancellationToken: cancellationToken);
        if (answer.Status == HttpStatusCode.Unauthorized)
        {
            return null;
        }

        var session = transport.Read(answer, ContractsJsonContext.Default.SessionResponse);
        return session.Status is not null
            ? session
            : session with { Status = answer.Status == HttpStatusCode.Accepted ? SessionStatus.Pending : SessionStatus.Ready };
    }

    /// <summary>The session's kubeconfig as YAML, once it is ready.</summary>
    /// <exception cref="CliException">Not signed in, rejected, or not ready in time.</exception>
    public async Task<string> GetKubeconfigAsync(CancellationToken cancellationToken) =>
        (await WaitAsync(ApiRoutes.Kubeconfig, HttpTransport.Yaml, cancellationToken)).Body;

    /// <summary>A token of the session, once it is ready.</summary>
    /// <exception cref="CliException">Not signed in, rejected, or not ready in time.</exception>
    public async Task<ExecCredential> GetTokenAsync(CancellationToken cancellationToken) =>
        transport.Read(await WaitAsync(ApiRoutes.Token, null, cancellationToken), ContractsJsonContext.Default.ExecCredential);

    /// <summary>Ends the session; null when there was none.</summary>
    public async Task<SessionResponse?> LogoutAsync(CancellationToken cancellationToken)
    {
        var answer = await SendAsync(HttpMethod.Post, ApiRoutes.Logout, tolerate: HttpStatusCode.NotFound, cancellationToken: cancellationToken);
        if (answer.Status == HttpStatusCode.NotFound)
        {
            // Only a TKA server's 404 means "not signed in"; any web server answers 404 to an unknown path.
            return ServerErrors.From(Server, answer) is { ServerProblem: null } notTka ? throw notTka : null;
        }

        return transport.Read(answer, ContractsJsonContext.Default.SessionResponse);
    }

    /// <summary>What a login would give.</summary>
    public async Task<AccessResponse> GetAccessAsync(CancellationToken cancellationToken) =>
        transport.Read(await SendAsync(HttpMethod.Get, ApiRoutes.Access, cancellationToken: cancellationToken), ContractsJsonContext.Default.AccessResponse);

    /// <summary>How to reach the cluster.</summary>
    public async Task<ClusterInfo> GetClusterInfoAsync(CancellationToken cancellationToken) =>
        transport.Read(await SendAsync(HttpMethod.Get, ApiRoutes.ClusterInfo, cancellationToken: cancellationToken), ContractsJsonContext.Default.ClusterInfo);

    /// <summary>Everybody's sessions, all pages.</summary>
    public async Task<SessionList> GetSessionsAsync(string? user, string? role, CancellationToken cancellationToken)
    {
        var items = new List<SessionItem>();
        string? next = null;
        do
        {
            var query = string.Join('&', new[] { ("user", user), ("role", role), ("continue", next) }
                .Where(pair => pair.Item2 is not null)
                .Select(pair => $"{pair.Item1}={Uri.EscapeDataString(pair.Item2!)}"));
            var answer = await SendAsync(HttpMethod.Get, ApiRoutes.Sessions + (query is "" ? "" : "?" + query), cancellationToken: cancellationToken);
            var page = transport.Read(answer, ContractsJsonContext.Default.SessionList);
            items.AddRange(page.Items);
            next = page.Continue is { Length: > 0 } more && more != next ? more : null;
        }
        while (next is not null);

        return new SessionList { Items = items };
    }

    /// <summary>Ends somebody's session.</summary>
    public Task EndSessionAsync(string name, CancellationToken cancellationToken) =>
        SendAsync(HttpMethod.Delete, $"{ApiRoutes.Sessions}/{Uri.EscapeDataString(name)}", cancellationToken: cancellationToken);

    private async Task<HttpAnswer> WaitAsync(string path, string? accept, CancellationToken cancellationToken)
    {
        var started = clock.GetTimestamp();
        var wait = FirstWaitSeconds;
        while (true)
        {
            var left = Left();
            var seconds = (int)Math.Clamp(Math.Ceiling(left.TotalSeconds), 1, wait);
            HttpAnswer answer;
            try
            {
                answer = await SendAsync(HttpMethod.Get, path, accept, wait: seconds, cancellationToken: cancellationToken);
                if (answer.Status != HttpStatusCode.Accepted)
                {
                    return answer;
                }

                if (await GetLoginAsync(cancellationToken) is { Status: SessionStatus.Rejected } rejected)
                {
                    throw Rejected(rejected);
                }
            }
            catch (CliException exception) when (IsAway(exception) && transport.HasAnswered && Left() > AwayPause)
            {
                // It was there a moment ago, so it is being replaced. The session does not depend on it, and nor does who asks.
                await Task.Delay(AwayPause, clock, cancellationToken);
                continue;
            }

            wait = ApiRoutes.MaxWaitSeconds;
            left = Left();
            if (left <= TimeSpan.Zero)
            {
                throw new CliException(
                    ErrorCodes.NotReady,
                    ExitCode.NotReady,
                    $"Your access was not ready within {timeout.TotalSeconds:0} s.",
                    ["Wait longer with --timeout 5m, or look again in a moment: tka status", "If it lasts, ask whoever runs TKA whether the operator is running."]);
            }

            if (!answer.WaitHonoured)
            {
                // A server without Prefer: wait, such as the Go TKA's.
                var pause = answer.RetryAfter is { } asked && asked > TimeSpan.Zero ? asked : TimeSpan.FromSeconds(1);
                await Task.Delay(pause < left ? pause : left, clock, cancellationToken);
            }
        }

        TimeSpan Left() => timeout - clock.GetElapsedTime(started);
    }

    private static bool IsAway(CliException error) => error.Code is ErrorCodes.ServerRefused or ErrorCodes.ServerBroken or ErrorCodes.ServerTimeout;

    // Every request of ours may be sent again: signing in twice renews, signing out twice is a 404.
    private async Task<HttpAnswer> SendAsync(
        HttpMethod method,
        string path,
        string? accept = null,
        string? body = null,
        int wait = 0,
        HttpStatusCode? tolerate = null,
        CancellationToken cancellationToken = default)
    {
        var budget = timeout < RetryBudget ? timeout : RetryBudget;
        var started = clock.GetTimestamp();
        while (true)
        {
            var answer = await transport.SendAsync(method, path, accept, body, wait, timeout < RequestLimit ? timeout : RequestLimit, cancellationToken);
            if (answer.IsSuccess || answer.Status == tolerate)
            {
                return answer;
            }

            if ((int)answer.Status is >= 300 and < 400)
            {
                throw TransportErrors.NotTka(Server, answer);
            }

            var pause = answer.RetryAfter ?? TimeSpan.MaxValue;
            if (answer.Status is not (HttpStatusCode.TooManyRequests or HttpStatusCode.ServiceUnavailable)
                || pause > budget - clock.GetElapsedTime(started))
            {
                throw ServerErrors.From(Server, answer);
            }

            await Task.Delay(pause > TimeSpan.Zero ? pause : TimeSpan.FromMilliseconds(200), clock, cancellationToken);
        }
    }

    /// <summary>The error for a session that the operator refused.</summary>
    public static CliException Rejected(SessionResponse session) => new(
        ErrorCodes.SessionRejected,
        ExitCode.Refused,
        $"The cluster refuses the role {session.Role}: {session.Message ?? session.Reason ?? "no reason given"}",
        [
            "Another of your roles may work: tka access lists them, tka login --role NAME picks one.",
            $"Otherwise ask whoever manages the tailnet policy and the cluster{(session.Reason is null ? "" : $" (reason: {session.Reason})")}.",
        ]);
}
