using System.Net;

namespace TKA.Tailscale.LocalApi;

/// <summary>tailscaled could not be asked, or refused.</summary>
public sealed class LocalApiException : Exception
{
    /// <summary>Creates the exception.</summary>
    /// <param name="error">Kind of failure.</param>
    /// <param name="message">What happened, for operators.</param>
    /// <param name="inner">What caused it.</param>
    public LocalApiException(LocalApiError error, string message, Exception? inner = null)
        : base(message, inner) => Error = error;

    /// <summary>Kind of failure.</summary>
    public LocalApiError Error { get; }

    /// <summary>Status tailscaled answered with; <see langword="null"/> when there was no answer.</summary>
    public HttpStatusCode? StatusCode { get; init; }

    /// <summary>How long tailscaled asks to wait (ACME rate limits).</summary>
    public TimeSpan? RetryAfter { get; init; }
}

/// <summary>Kinds of LocalAPI failure.</summary>
public enum LocalApiError
{
    /// <summary>No socket, no listener, or no answer in time. tailscaled is down or starting: try again.</summary>
    Unavailable,

    /// <summary>tailscaled answers and refuses: the process lacks the permission, or the request was not acceptable (403).</summary>
    Denied,

    /// <summary>No such endpoint, domain or object (404).</summary>
    NotFound,

    /// <summary>Asked too often (429), for example for certificates.</summary>
    RateLimited,

    /// <summary>Anything else: 4xx for a bad request by TKA, 5xx, or an answer that is not what the endpoint promises.</summary>
    Unexpected,
}
