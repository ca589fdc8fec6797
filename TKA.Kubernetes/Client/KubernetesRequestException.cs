using System.Net;

namespace TKA.Kubernetes.Client;

/// <summary>A request to the Kubernetes API failed. The only exception the clients here throw, besides cancellation by the caller.</summary>
public sealed class KubernetesRequestException : Exception
{
    /// <summary>Creates the exception.</summary>
    public KubernetesRequestException(KubernetesError error, string message, Exception? inner = null)
        : base(message, inner) => Error = error;

    /// <summary>What kind of failure it is.</summary>
    public KubernetesError Error { get; }

    /// <summary>HTTP status; absent when there was no answer.</summary>
    public HttpStatusCode? StatusCode { get; init; }

    /// <summary>The <c>reason</c> of the answered Status, for example <c>AlreadyExists</c>.</summary>
    public string? Reason { get; init; }

    /// <summary>How long the server asks to wait.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>Reasons of the Status' causes, for example <c>NamespaceTerminating</c>.</summary>
    public IReadOnlyList<string> Causes { get; init; } = [];

    /// <summary>Whether there was no answer at all: no connection, one that broke, or silence.</summary>
    public bool IsUnanswered => StatusCode is null && Error is (KubernetesError.Unavailable or KubernetesError.Unknown);

    /// <summary>Whether the same request may well succeed a little later.</summary>
    public bool IsTransient => Error is KubernetesError.Throttled or KubernetesError.Unavailable or KubernetesError.Unknown;
}
