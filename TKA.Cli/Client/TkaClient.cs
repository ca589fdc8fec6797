using System.Net;
using System.Text.Json;
using TKA.Cli.Errors;
using TKA.Cli.Kubeconfigs;
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
    private static readonly TimeSpan WayOut = TimeSpan.FromSeconds(5);

    /// <summary>The server.</summary>
    public Uri Server => transport.Server;

    /// <summary>How far the server's clock is ahead of ours; null before any answer.</summary>
    public TimeSpan? ClockAhead => transport.ClockAhead;

    /// <summary>The server has accepted a login of this run.</summary>
    public bool HasSignedIn { get; private set; }

    /// <summary>The server understood <c>Prefer: wait</c> in the last answer with a kubeconfig. The Go TKA's does not, and has no tokens for <c>tka credential</c>.</summary>
    public bool KnowsWaiting { get; private set; }

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

    /// <summary>One of my sessions as the server sees it; null when there is none of that role.</summary>
    /// <param name="role">Role of the session; null: the base session.</param>
    /// <param name="cancellationToken">Cancellation.</param>
    public async Task<SessionResponse?> GetLoginAsync(string? role, CancellationToken cancellationToken)
    {
        var answer = await SendAsync(HttpMethod.Get, ApiRoutes.ForRole(ApiRoutes.Login, role), tolerate: HttpStatusCode.Unauthorized, cancellationToken: cancellationToken);
        if (answer.Status == HttpStatusCode.Unauthorized)
        {
            return null;
        }

        var session = WithStatus(transport.Read(answer, ContractsJsonContext.Default.SessionResponse), answer);

        // A server with one session per person ignores the role in the query.
        return role is null || session.Role == role ? session : null;
    }

    /// <summary>All my sessions at this server, the base session first.</summary>
    public async Task<IReadOnlyList<SessionResponse>> GetOwnSessionsAsync(CancellationToken cancellationToken)
    {
        var answer = await SendAsync(HttpMethod.Get, ApiRoutes.ForAll(ApiRoutes.Login), tolerate: HttpStatusCode.Unauthorized, cancellationToken: cancellationToken);
        return answer.Status == HttpStatusCode.Unauthorized ? [] : [.. ReadSessions(answer).Select(session => WithStatus(session, answer))];
    }

    /// <summary>The kubeconfig of one of my sessions, once it is ready.</summary>
    /// <param name="role">Role of the session; null: the base session.</param>
    /// <param name="cancellationToken">Cancellation.</param>
    /// <exception cref="CliException">Not signed in, rejected, or not ready in time.</exception>
    public async Task<ServerKubeconfig> GetKubeconfigAsync(string? role, CancellationToken cancellationToken)
    {
        var answer = await WaitAsync(ApiRoutes.Kubeconfig, role, cancellationToken);
        KnowsWaiting = answer.WaitHonoured;
        var kubeconfig = ServerKubeconfig.From(transport.Read(answer, ContractsJsonContext.Default.KubeconfigMaps));
        ServerKubeconfig.RefuseForeign(answer.Body);
        return kubeconfig;
    }

    /// <summary>A token of one of my sessions, once it is ready.</summary>
    /// <param name="role">Role of the session; null: the base session.</param>
    /// <param name="cancellationToken">Cancellation.</param>
    /// <exception cref="CliException">Not signed in, rejected, or not ready in time.</exception>
    public async Task<ExecCredential> GetTokenAsync(string? role, CancellationToken cancellationToken) =>
        transport.Read(await WaitAsync(ApiRoutes.Token, role, cancellationToken), ContractsJsonContext.Default.ExecCredential);

    /// <summary>Ends one of my sessions; null when there was none.</summary>
    /// <param name="role">Role of the session; null: the base session.</param>
    /// <param name="cancellationToken">Cancellation.</param>
    public async Task<SessionResponse?> LogoutAsync(string? role, CancellationToken cancellationToken) =>
        await EndAsync(ApiRoutes.ForRole(ApiRoutes.Logout, role), cancellationToken) is [var session, ..] ? session : null;

    /// <summary>Ends one of my sessions within 5 s, and gives up in silence otherwise: for the way out after a failure.</summary>
    /// <param name="role">Role of the session; null: the base session.</param>
    public async Task TryLogoutAsync(string? role)
    {
        using var limit = new CancellationTokenSource(WayOut, clock);
        try
        {
            await LogoutAsync(role, limit.Token);
        }
        catch (Exception exception) when (exception is CliException or OperationCanceledException)
        {
            // The session ends by itself; the error that is reported is the one that came first.
        }
    }

    /// <summary>Ends all my sessions at this server.</summary>
    /// <returns>Those that were ended.</returns>
    public Task<IReadOnlyList<SessionResponse>> LogoutAllAsync(CancellationToken cancellationToken) =>
        EndAsync(ApiRoutes.ForAll(ApiRoutes.Logout), cancellationToken);

    private async Task<IReadOnlyList<SessionResponse>> EndAsync(string path, CancellationToken cancellationToken)
    {
        var answer = await SendAsync(HttpMethod.Post, path, tolerate: HttpStatusCode.NotFound, cancellationToken: cancellationToken);

        // Only a TKA server's 404 means "not signed in"; any web server answers 404 to an unknown path.
        return answer.Status != HttpStatusCode.NotFound ? ReadSessions(answer)
            : ServerErrors.From(Server, answer) is { ServerProblem: null } notTka ? throw notTka
            : [];
    }

    // A server with one session per person answers with that session, not with a list.
    private IReadOnlyList<SessionResponse> ReadSessions(HttpAnswer answer) =>
        answer.Body.Contains("\"items\"", StringComparison.Ordinal)
            ? transport.Read(answer, ContractsJsonContext.Default.OwnSessionList).Items
            : [transport.Read(answer, ContractsJsonContext.Default.SessionResponse)];

    private static SessionResponse WithStatus(SessionResponse session, HttpAnswer answer) => session.Status is not null
        ? session
        : session with { Status = answer.Status == HttpStatusCode.Accepted ? SessionStatus.Pending : SessionStatus.Ready };

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

    /// <summary>Asks until access is ready.</summary>
    private async Task<HttpAnswer> WaitAsync(string path, string? role, CancellationToken cancellationToken)
    {
        var started = clock.GetTimestamp();
        var wait = FirstWaitSeconds;
        while (true)
        {
            var seconds = (int)Math.Clamp(Math.Ceiling(Remaining().TotalSeconds), 1, wait);
            HttpAnswer answer;
            try
            {
                answer = await SendAsync(HttpMethod.Get, ApiRoutes.ForRole(path, role), wait: seconds, cancellationToken: cancellationToken);
                if (answer.Status != HttpStatusCode.Accepted)
                {
                    return answer;
                }

                if (await GetLoginAsync(role, cancellationToken) is { Status: SessionStatus.Rejected } rejected)
                {
                    throw Rejected(rejected);
                }
            }
            catch (CliException exception) when (IsAway(exception) && transport.HasAnswered && Remaining() > AwayPause)
            {
                // The server answered a moment ago, so it is being replaced. The session does not depend on it.
                await Task.Delay(AwayPause, clock, cancellationToken);
                continue;
            }

            wait = ApiRoutes.MaxWaitSeconds;
            var remaining = Remaining();
            if (remaining <= TimeSpan.Zero)
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
                await Task.Delay(pause < remaining ? pause : remaining, clock, cancellationToken);
            }
        }

        TimeSpan Remaining() => timeout - clock.GetElapsedTime(started);
    }

    private static bool IsAway(CliException error) => error.Code is ErrorCodes.ServerRefused or ErrorCodes.ServerBroken or ErrorCodes.ServerTimeout;

    // Every request of ours may be sent again: signing in twice renews, signing out twice is a 404.
    private async Task<HttpAnswer> SendAsync(
        HttpMethod method,
        string path,
        string? body = null,
        int wait = 0,
        HttpStatusCode? tolerate = null,
        CancellationToken cancellationToken = default)
    {
        var budget = timeout < RetryBudget ? timeout : RetryBudget;
        var started = clock.GetTimestamp();
        while (true)
        {
            var answer = await transport.SendAsync(method, path, body, wait, timeout < RequestLimit ? timeout : RequestLimit, cancellationToken);
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
            "Another of your roles may work: tka access lists them.",
            $"Otherwise ask whoever manages the tailnet policy and the cluster{(session.Reason is null ? "" : $" (reason: {session.Reason})")}.",
        ]);
}
