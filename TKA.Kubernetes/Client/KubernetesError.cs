namespace TKA.Kubernetes.Client;

/// <summary>What kind of failure a request to Kubernetes ended in, as far as callers act on it.</summary>
public enum KubernetesError
{
    /// <summary>Anything without an own value here; do not retry quickly.</summary>
    Other,

    /// <summary>400 or 422: the request can never succeed as it is.</summary>
    Invalid,

    /// <summary>401: our own credential was not accepted.</summary>
    Unauthorized,

    /// <summary>403: RBAC or admission refuses.</summary>
    Forbidden,

    /// <summary>404: no such object, or no such resource type.</summary>
    NotFound,

    /// <summary>409 with reason <c>AlreadyExists</c>.</summary>
    AlreadyExists,

    /// <summary>409: resourceVersion or uid precondition failed. Read again and decide anew.</summary>
    Conflict,

    /// <summary>410: the resource version or continue token is too old. List again.</summary>
    Gone,

    /// <summary>429: wait at least <see cref="KubernetesRequestException.RetryAfter"/>.</summary>
    Throttled,

    /// <summary>5xx, or no connection: the server could not do it now.</summary>
    Unavailable,

    /// <summary>No answer in time, or the connection broke after sending: it may have been done or not. Read by name to find out.</summary>
    Unknown,
}
