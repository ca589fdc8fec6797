using System.Text.Json.Serialization;

namespace TKA.Contracts.Sessions;

/// <summary>What the operator reports. Times are RFC 3339 text, as the Go TKA writes them.</summary>
public sealed record TkaSigninStatus
{
    /// <summary>Whether ServiceAccount and bindings are in place.</summary>
    [JsonPropertyName("provisioned")]
    public bool Provisioned { get; init; }

    /// <summary><c>base</c>, or the role of a session beside the base session. For <c>kubectl get</c>; the name decides.</summary>
    [JsonPropertyName("session"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Session { get; init; }

    /// <summary>When this session was signed in (again).</summary>
    [JsonPropertyName("signed_in"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? SignedIn { get; init; }

    /// <summary>When it ends.</summary>
    [JsonPropertyName("valid_until"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? ValidUntil { get; init; }

    /// <summary>The <c>metadata.generation</c> this status speaks of.</summary>
    [JsonPropertyName("observedGeneration"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public long? ObservedGeneration { get; init; }

    /// <summary>The ServiceAccount that acts for the person.</summary>
    [JsonPropertyName("serviceAccount"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public SigninServiceAccount? ServiceAccount { get; init; }

    /// <summary>Kubernetes conditions; <see cref="ConditionReasons.ReadyType"/> is the summary.</summary>
    [JsonPropertyName("conditions"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<SigninCondition>? Conditions { get; init; }
}

/// <summary>Reference to a session's ServiceAccount.</summary>
public sealed record SigninServiceAccount
{
    /// <summary>Name.</summary>
    [JsonPropertyName("name")]
    public string Name { get; init => field = value ?? ""; } = "";

    /// <summary>Namespace.</summary>
    [JsonPropertyName("namespace")]
    public string Namespace { get; init => field = value ?? ""; } = "";

    /// <summary>UID; tokens die with it.</summary>
    [JsonPropertyName("uid")]
    public string Uid { get; init => field = value ?? ""; } = "";
}

/// <summary>A condition as in <c>metav1.Condition</c>.</summary>
public sealed record SigninCondition
{
    /// <summary>For example <c>Ready</c>.</summary>
    [JsonPropertyName("type")]
    public string Type { get; init => field = value ?? ""; } = "";

    /// <summary><c>True</c>, <c>False</c> or <c>Unknown</c>.</summary>
    [JsonPropertyName("status")]
    public string Status { get; init => field = value ?? ""; } = "";

    /// <summary>One of <see cref="ConditionReasons"/>.</summary>
    [JsonPropertyName("reason")]
    public string Reason { get; init => field = value ?? ""; } = "";

    /// <summary>For people: what happened and what to do.</summary>
    [JsonPropertyName("message")]
    public string Message { get; init => field = value ?? ""; } = "";

    /// <summary>RFC 3339; when <see cref="Status"/> last changed.</summary>
    [JsonPropertyName("lastTransitionTime")]
    public string LastTransitionTime { get; init => field = value ?? ""; } = "";

    /// <summary>Generation the condition was computed from.</summary>
    [JsonPropertyName("observedGeneration"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public long? ObservedGeneration { get; init; }
}
