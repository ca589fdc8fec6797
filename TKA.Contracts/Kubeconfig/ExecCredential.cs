using System.Text.Json.Serialization;

namespace TKA.Contracts.Kubeconfig;

/// <summary>Answer of an exec credential plugin (Kubernetes <c>client.authentication.k8s.io</c>).</summary>
public sealed record ExecCredential
{
    /// <summary>Current API version; in it the kubeconfig's <c>interactiveMode</c> is required.</summary>
    public const string V1 = "client.authentication.k8s.io/v1";

    /// <summary>Older API version still asked for by some clients.</summary>
    public const string V1Beta1 = "client.authentication.k8s.io/v1beta1";

    /// <summary>Must be the one asked for in <c>KUBERNETES_EXEC_INFO</c>.</summary>
    [JsonPropertyName("apiVersion")]
    public string ApiVersion { get; init => field = value ?? V1; } = V1;

    /// <summary>Always <c>ExecCredential</c>.</summary>
    [JsonPropertyName("kind")]
    public string Kind { get; init => field = value ?? "ExecCredential"; } = "ExecCredential";

    /// <summary>The credential.</summary>
    [JsonPropertyName("status"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public ExecCredentialStatus? Status { get; init; }
}

/// <summary>Token and its end.</summary>
public sealed record ExecCredentialStatus
{
    /// <summary>Until when clients may cache it.</summary>
    [JsonPropertyName("expirationTimestamp"), JsonConverter(typeof(UtcTimeConverter))]
    public required DateTimeOffset ExpirationTimestamp { get; init; }

    /// <summary>Bearer token.</summary>
    [JsonPropertyName("token")]
    public required string Token { get; init; }
}
