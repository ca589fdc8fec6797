using System.Text.Json.Serialization;

namespace TKA.Kubernetes.Client;

/// <summary>
/// The parts of a <c>metav1.Status</c> that errors are made of. A deletion answers with one, or with the object, whose
/// <c>status</c> is something else: so that member is not read.
/// </summary>
internal sealed class StatusBody
{
    [JsonPropertyName("message")]
    public string? Message { get; set; }

    [JsonPropertyName("reason")]
    public string? Reason { get; set; }

    [JsonPropertyName("code")]
    public int? Code { get; set; }

    [JsonPropertyName("details")]
    public StatusDetails? Details { get; set; }

    /// <summary>A deleted object's remaining metadata, when the answer is the object and not a Status.</summary>
    [JsonPropertyName("metadata")]
    public k8s.Models.V1ObjectMeta? Metadata { get; set; }
}

/// <summary><c>metav1.StatusDetails</c>.</summary>
internal sealed class StatusDetails
{
    [JsonPropertyName("uid")]
    public string? Uid { get; set; }

    [JsonPropertyName("retryAfterSeconds")]
    public int? RetryAfterSeconds { get; set; }

    [JsonPropertyName("causes")]
    public List<StatusCause>? Causes { get; set; }
}

/// <summary><c>metav1.StatusCause</c>.</summary>
internal sealed class StatusCause
{
    [JsonPropertyName("reason")]
    public string? Reason { get; set; }

    [JsonPropertyName("message")]
    public string? Message { get; set; }

    [JsonPropertyName("field")]
    public string? Field { get; set; }
}
