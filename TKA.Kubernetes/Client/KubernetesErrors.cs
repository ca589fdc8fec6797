using System.Net;
using System.Text.Json;
using TKA.Kubernetes.Serialization;

namespace TKA.Kubernetes.Client;

/// <summary>Turns failed answers, transport failures and in-stream Status events into <see cref="KubernetesRequestException"/>.</summary>
internal static class KubernetesErrors
{
    /// <summary>An error body is a Status of some hundred bytes; more comes from a proxy and is not worth keeping.</summary>
    private const int MaxBodyLength = 64 * 1024;

    public static async Task<KubernetesRequestException> FromResponseAsync(string what, HttpResponseMessage response, CancellationToken cancellationToken)
    {
        StatusBody? status = null;
        try
        {
            await response.Content.LoadIntoBufferAsync(MaxBodyLength, cancellationToken);
            var body = await response.Content.ReadAsByteArrayAsync(cancellationToken);
            status = JsonSerializer.Deserialize(body, KubernetesJsonContext.Type<StatusBody>());
        }
        catch (Exception exception) when (exception is JsonException or HttpRequestException or IOException or NotSupportedException)
        {
            // Not a Status (a proxy's HTML page, a broken connection): the HTTP status says enough.
        }

        var retryAfter = response.Headers.RetryAfter?.Delta;
        return Create(what, response.StatusCode, status, retryAfter);
    }

    public static KubernetesRequestException FromStatus(string what, StatusBody status) =>
        Create(what, (HttpStatusCode)(status.Code ?? 500), status, retryAfter: null);

    /// <summary>For a request that got no answer. Whether the server acted is unknown unless no connection was ever made.</summary>
    public static KubernetesRequestException FromTransport(string what, Exception exception) => exception switch
    {
        // The message proper is "The SSL connection could not be established, see inner exception."
        HttpRequestException { HttpRequestError: HttpRequestError.SecureConnectionError }
            => new KubernetesRequestException(
                KubernetesError.Unavailable, $"{what}: no secure connection to the Kubernetes API: {exception.InnerException?.Message ?? exception.Message}", exception),
        HttpRequestException { HttpRequestError: HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError }
            => new KubernetesRequestException(KubernetesError.Unavailable, $"{what}: the Kubernetes API cannot be reached: {exception.Message}", exception),
        OperationCanceledException
            => new KubernetesRequestException(KubernetesError.Unknown, $"{what}: no answer from the Kubernetes API in time.", exception),
        _ => new KubernetesRequestException(KubernetesError.Unknown, $"{what}: the connection to the Kubernetes API broke: {exception.Message}", exception),
    };

    private static KubernetesRequestException Create(string what, HttpStatusCode code, StatusBody? status, TimeSpan? retryAfter)
    {
        var error = Classify(code, status?.Reason);
        var message = status?.Message is { Length: > 0 } text ? text : $"HTTP {(int)code}";
        return new KubernetesRequestException(error, $"{what}: {message}")
        {
            StatusCode = code,
            Reason = status?.Reason,
            RetryAfter = retryAfter ?? (status?.Details?.RetryAfterSeconds is { } seconds and > 0 ? TimeSpan.FromSeconds(seconds) : null),
            Causes = status?.Details?.Causes?.Select(cause => cause.Reason ?? "").ToArray() ?? [],
        };
    }

    private static KubernetesError Classify(HttpStatusCode code, string? reason) => ((int)code, reason) switch
    {
        (400 or 422, _) => KubernetesError.Invalid,
        (401, _) => KubernetesError.Unauthorized,
        (403, _) => KubernetesError.Forbidden,
        (404, _) => KubernetesError.NotFound,
        (409, "AlreadyExists") => KubernetesError.AlreadyExists,
        (409, _) => KubernetesError.Conflict,
        (410, _) => KubernetesError.Gone,
        (429, _) => KubernetesError.Throttled,
        // The API server gave up waiting for its storage or an admission webhook, which may still have let it through.
        (504, _) or (_, "Timeout") => KubernetesError.Unknown,
        ( >= 500, _) => KubernetesError.Unavailable,
        _ => KubernetesError.Other,
    };
}
