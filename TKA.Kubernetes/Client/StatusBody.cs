using System.Text.Json.Serialization;

namespace TKA.Kubernetes.Client;

/// <summary>The parts of a <c>metav1.Status</c> that errors are made of.</summary>
internal sealed class StatusBody
{
    [JsonPropertyName("kind")]
    public string? Kind { get; set; }

    [JsonPropertyName("status")]
    public string? Status { get; set; }

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
