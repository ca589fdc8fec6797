using System.Text.Json.Serialization;

namespace TKA.Contracts.Kubeconfig;

/// <summary>A cluster and the name it has in the file.</summary>
public sealed record NamedCluster
{
    /// <summary>Name contexts refer to.</summary>
    [JsonPropertyName("name")]
    public required string Name { get; init; }

    /// <summary>The cluster.</summary>
    [JsonPropertyName("cluster")]
    public required KubeconfigCluster Cluster { get; init; }
}

/// <summary>How to reach a Kubernetes API and whom to trust there.</summary>
public sealed record KubeconfigCluster
{
    /// <summary>URL of the Kubernetes API.</summary>
    [JsonPropertyName("server")]
    public required string Server { get; init; }

    /// <summary>CA bundle, base64 of PEM; absent: the system's roots.</summary>
    [JsonPropertyName("certificate-authority-data"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? CertificateAuthorityData { get; init; }

    /// <summary>Whether the certificate is not verified.</summary>
    [JsonPropertyName("insecure-skip-tls-verify"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool InsecureSkipTlsVerify { get; init; }

    /// <summary>Name to expect in the certificate; absent: that of the URL.</summary>
    [JsonPropertyName("tls-server-name"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? TlsServerName { get; init; }
}

/// <summary>A user and the name it has in the file.</summary>
public sealed record NamedUser
{
    /// <summary>Name contexts refer to.</summary>
    [JsonPropertyName("name")]
    public required string Name { get; init; }

    /// <summary>The user.</summary>
    [JsonPropertyName("user")]
    public required KubeconfigUser User { get; init; }
}

/// <summary>A credential.</summary>
public sealed record KubeconfigUser
{
    /// <summary>Bearer token.</summary>
    [JsonPropertyName("token"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Token { get; init; }
}

/// <summary>A context and the name it has in the file.</summary>
public sealed record NamedContext
{
    /// <summary>Name.</summary>
    [JsonPropertyName("name")]
    public required string Name { get; init; }

    /// <summary>The context.</summary>
    [JsonPropertyName("context")]
    public required KubeconfigContext Context { get; init; }
}

/// <summary>A user at a cluster.</summary>
public sealed record KubeconfigContext
{
    /// <summary>Name of the cluster entry.</summary>
    [JsonPropertyName("cluster")]
    public required string Cluster { get; init; }

    /// <summary>Name of the user entry.</summary>
    [JsonPropertyName("user")]
    public required string User { get; init; }

    /// <summary>Namespace used when a command names none; absent: <c>default</c>.</summary>
    [JsonPropertyName("namespace"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Namespace { get; init; }
}
