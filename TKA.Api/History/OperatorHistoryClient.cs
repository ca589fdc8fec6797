using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text.Json;
using Microsoft.Extensions.Options;
using TKA.Api.Configuration;
using TKA.Api.OperatorTokens;
using TKA.Api.Telemetry;
using TKA.Contracts;
using TKA.Contracts.Operator;
using TKA.ServiceDefaults.Telemetry;

namespace TKA.Api.History;

/// <summary>
/// Reads the history of sessions from the operator, for admins of TKA. The operator lets this server's ServiceAccount read the history
/// (<c>operator:tokenService:historyReaders</c>) and does not learn which person asks. The caller of this class must check that the person is an admin.
/// </summary>
internal sealed class OperatorHistoryClient : IDisposable
{
    /// <summary>Sessions of one page.</summary>
    public const int PageSize = 25;

    private const int LargestAnswer = 1024 * 1024;

    private readonly OperatorConnection _operator;
    private readonly TokenFile _bearer;
    private readonly TimeSpan _timeout;
    private readonly TimeSpan _slow;
    private readonly ILogger<OperatorHistoryClient> _logger;

    public OperatorHistoryClient(IOptions<ClusterOptions> options, IOptions<ApiOptions> api, ILoggerFactory loggers)
    {
        var service = options.Value.TokenService;
        _operator = new OperatorConnection(service, LargestAnswer, loggers);
        _bearer = new TokenFile(service.TokenFile);
        (_timeout, _slow) = (service.Timeout, api.Value.SlowTimeout);
        _logger = loggers.CreateLogger<OperatorHistoryClient>();
    }

    /// <summary>
    /// Reads one page, the newest session first. A failure is an answer with a <see cref="HistoryAnswer.Problem"/>, so that the rest of the
    /// admin's page can be shown. The time limit is that of a token for the last day, and that of a slow cluster for days that were chosen.
    /// </summary>
    public async Task<HistoryAnswer> ReadAsync(HistoryQuery query, CancellationToken cancellationToken)
    {
        // Real time, also under a fake clock: this guards I/O.
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(query.From is null && query.To is null ? _timeout : _slow);
        var http = _operator.Client;
        try
        {
            using var request = OperatorConnection.CreateRequest(HttpMethod.Get, PathOf(query));
            ClientSpans.Describe(request, "read history", "tka-operator");
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", _bearer.Read());
            using var response = await http.SendAsync(request, deadline.Token);
            return await AnswerAsync(response, deadline.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            _operator.Replace(http);
            return Unavailable("no answer in time", "The operator does not answer in time, so the history cannot be shown now. Look again in a minute.");
        }
        catch (JsonException exception)
        {
            return Unavailable(exception.Message, "The operator's answer cannot be understood, so the history cannot be shown now. Look again in a minute.");
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException or SocketException or UnauthorizedAccessException or FormatException)
        {
            return Unavailable(exception.Message, "The operator does not answer, so the history cannot be shown now. Look again in a minute.");
        }
    }

    public void Dispose() => _operator.Dispose();

    private async Task<HistoryAnswer> AnswerAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        switch (response.StatusCode)
        {
            case HttpStatusCode.OK:
                return new HistoryAnswer(
                    await response.Content.ReadFromJsonAsync(ContractsJsonContext.Default.SessionHistory, cancellationToken) ?? throw new JsonException("The answer is empty."), null);
            case HttpStatusCode.NotImplemented:
                return new HistoryAnswer(null, "This cluster keeps no history: its operator has no Dapr state to keep it in.");
            case HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden:
                return new HistoryAnswer(null, "The operator does not let this server read the history (operator.tokenService.historyReaders).");
            case HttpStatusCode.BadRequest:
                var problem = await response.Content.ReadFromJsonAsync(ContractsJsonContext.Default.Problem, cancellationToken);
                return new HistoryAnswer(null, string.Join(' ', new[] { problem?.Message }.Concat(problem?.Advice ?? [])));
            case HttpStatusCode.TooManyRequests:
                return new HistoryAnswer(null, "Too many ask for the history at once. Look again shortly.");
            default:
                return Unavailable($"it answered {(int)response.StatusCode}", "The operator cannot read the history now. Look again in a minute.");
        }
    }

    private HistoryAnswer Unavailable(string reason, string message)
    {
        Log.DependencyFailed(_logger, "The operator's history", reason);
        return new HistoryAnswer(null, message);
    }

    private static string PathOf(HistoryQuery query)
    {
        var parts = new (string Name, string? Value)[]
        {
            ("limit", PageSize.ToString(CultureInfo.InvariantCulture)),
            ("user", query.User),
            ("role", query.Role),
            ("from", query.From?.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)),
            ("to", query.To is { } to ? $"{to.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)}T23:59:59Z" : null),
            ("continue", query.Continue),
        };
        return OperatorRoutes.History.TrimStart('/') + "?" + string.Join('&', parts.Where(part => !string.IsNullOrEmpty(part.Value)).Select(part => $"{part.Name}={Uri.EscapeDataString(part.Value!)}"));
    }
}
