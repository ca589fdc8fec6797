using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text.Json;
using Microsoft.Extensions.Options;
using TKA.Api.Configuration;
using TKA.Api.Http;
using TKA.Api.Problems;
using TKA.Api.Telemetry;
using TKA.Contracts;
using TKA.Contracts.Operator;
using TKA.ServiceDefaults.Health;
using TKA.ServiceDefaults.Telemetry;

namespace TKA.Api.OperatorTokens;

/// <summary>
/// Asks the operator for a session's token. The API itself may not mint tokens; it shows its own ServiceAccount token,
/// good for the operator only, and names the session it means by uid.
/// </summary>
internal sealed class OperatorTokenClient : IDisposable
{
    /// <summary>Kind of work in <see cref="OngoingFailures"/>.</summary>
    private const string Failures = "tokens";

    /// <summary>For how long an answer says that the operator is there.</summary>
    private static readonly TimeSpan Freshness = TimeSpan.FromSeconds(30);

    /// <summary>
    /// Requests at a time. When a new API is asked by everybody's exec plugin at once, the others wait here: at the operator each would
    /// take so long that all of them are given up, asked again, and served in vain.
    /// </summary>
    private const int AtOnce = 64;

    private readonly SemaphoreSlim _turns = new(AtOnce);
    private readonly OperatorConnection _operator;
    private readonly TokenFile _bearer;
    private readonly TimeSpan _timeout;
    private readonly TimeSpan _slow;
    private readonly OngoingFailures _failures;
    private readonly TimeProvider _time;
    private readonly ILogger<OperatorTokenClient> _logger;
    private long _answeredAt;

    public OperatorTokenClient(IOptions<ClusterOptions> options, IOptions<ApiOptions> api, OngoingFailures failures, TimeProvider time, ILoggerFactory loggers)
    {
        (_failures, _time) = (failures, time);
        var service = options.Value.TokenService;
        _logger = loggers.CreateLogger<OperatorTokenClient>();
        _bearer = new TokenFile(service.TokenFile);
        _timeout = service.Timeout;
        _slow = api.Value.SlowTimeout;
        _operator = new OperatorConnection(service, largestAnswer: 64 * 1024, loggers);
    }

    /// <summary>Asks once.</summary>
    /// <exception cref="ApiProblemException">The operator cannot be reached, fails, or does not accept this server.</exception>
    public async Task<TokenAnswer> RequestAsync(string session, SessionTokenRequest body, CancellationToken cancellationToken)
    {
        if (!await _turns.WaitAsync(_slow, cancellationToken))
        {
            throw Unavailable("too many requests wait for it", null);
        }

        var http = _operator.Client;
        try
        {
            var answer = await AdaptiveTimeout.RunAsync(token => SendAsync(http, session, body, token), token => PingAsync(http, token), _timeout, _slow, cancellationToken);
            _failures.Remove(Failures, "");
            Volatile.Write(ref _answeredAt, _time.GetTimestamp());
            return answer;
        }
        catch (OperationCanceledException exception) when (!cancellationToken.IsCancellationRequested)
        {
            _operator.Replace(http);
            throw Unavailable("no answer in time", exception);
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException or SocketException or UnauthorizedAccessException or JsonException or FormatException)
        {
            throw Unavailable(exception.Message, exception);
        }
        finally
        {
            _turns.Release();
        }
    }

    /// <summary>
    /// Why the operator gives no tokens; <see langword="null"/>: the operator gives tokens, as far as known. Sends the operator a request when
    /// the last answer is older than <see cref="Freshness"/>: without logins there would be no answer to judge by.
    /// </summary>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<string?> FindProblemAsync(CancellationToken cancellationToken)
    {
        if (_failures.Describe(Failures) is { } refused)
        {
            return $"The operator refuses requests for tokens: {refused}";
        }

        if (Volatile.Read(ref _answeredAt) is not 0 and var answered && _time.GetElapsedTime(answered) < Freshness)
        {
            return null;
        }

        // Real time, also under a fake clock: this guards I/O.
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(_timeout);
        var http = _operator.Client;
        try
        {
            await PingAsync(http, deadline.Token);
            Volatile.Write(ref _answeredAt, _time.GetTimestamp());
            return null;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            _operator.Replace(http);
            return "The operator does not answer in time.";
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException or SocketException)
        {
            return $"The operator does not answer: {exception.InnerException?.Message ?? exception.Message}";
        }
    }

    public void Dispose()
    {
        _operator.Dispose();
        _turns.Dispose();
    }

    private async Task<TokenAnswer> SendAsync(HttpClient http, string session, SessionTokenRequest body, CancellationToken cancellationToken)
    {
        using var request = OperatorConnection.CreateRequest(HttpMethod.Post, OperatorRoutes.ForSession(session).TrimStart('/'));
        request.Content = JsonContent.Create(body, ContractsJsonContext.Default.SessionTokenRequest);
        ClientSpans.Describe(request, "issue token", "tka-operator", expected: HttpStatusCode.Conflict);
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", _bearer.Read());
        using var response = await http.SendAsync(request, cancellationToken);
        return await ReadAsync(response, cancellationToken);
    }

    /// <summary>Whether the operator is there: that it has nothing to give at its root is an answer too.</summary>
    private static async Task PingAsync(HttpClient http, CancellationToken cancellationToken)
    {
        // Not part of the login's trace: the operator's 404 would show there as an error.
        Activity.Current = null;
        using var request = OperatorConnection.CreateRequest(HttpMethod.Get, "");
        using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
    }

    private async Task<TokenAnswer> ReadAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        var retryAfter = response.Headers.RetryAfter?.Delta ?? TimeSpan.FromSeconds(1);
        switch (response.StatusCode)
        {
            case HttpStatusCode.OK or HttpStatusCode.Created:
                var token = await response.Content.ReadFromJsonAsync(ContractsJsonContext.Default.SessionToken, cancellationToken);
                return token is { Token.Length: > 0 } ? new TokenAnswer.Issued(token) : throw Unavailable("an answer without a token", null);
            case HttpStatusCode.Conflict:
                return new TokenAnswer.NotReady(retryAfter);
            case HttpStatusCode.NotFound or HttpStatusCode.Gone:
                return new TokenAnswer.Over();
            case HttpStatusCode.TooManyRequests:
                throw new ApiProblemException(ApiProblems.TooManyTokens(retryAfter));
            case HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden:
                Failed($"it does not accept this server's token ({(int)response.StatusCode}).");
                throw new ApiProblemException(ApiProblems.Misconfigured(Dependency.Operator, "The operator does not accept this server's requests."));
            default:
                Failed($"it answered {(int)response.StatusCode}");
                throw new ApiProblemException(ApiProblems.OperatorFails);
        }
    }

    private ApiProblemException Unavailable(string reason, Exception? inner)
    {
        Failed(reason);
        return new ApiProblemException(ApiProblems.Unavailable(Dependency.Operator), inner);
    }

    private void Failed(string reason)
    {
        _failures.Add(Failures, "", reason);
        Volatile.Write(ref _answeredAt, 0);
        Log.DependencyFailed(_logger, Dependency.Operator.Name, reason);
    }
}
