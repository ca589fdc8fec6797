using System.Text.Json.Serialization;

namespace TKA.Contracts.Rest;

/// <summary>
/// Error body: the members of RFC 9457 together with the Go TKA's <c>message</c>, <c>advice</c> and <c>cause</c>.
/// Media type <c>application/problem+json</c>.
/// </summary>
public sealed record Problem
{
    /// <summary>Media type of the body.</summary>
    public const string MediaType = "application/problem+json";

    /// <summary>Start of every <see cref="Type"/>. They name a kind of problem and need not resolve (RFC 9457, section 3.1.1).</summary>
    public const string TypePrefix = "urn:tka:problem:";

    /// <summary>URI of the kind of problem.</summary>
    [JsonPropertyName("type"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Type { get; init; }

    /// <summary>Short title of the kind.</summary>
    [JsonPropertyName("title"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Title { get; init; }

    /// <summary>HTTP status.</summary>
    [JsonPropertyName("status"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? Status { get; init; }

    /// <summary>What happened this time.</summary>
    [JsonPropertyName("detail"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Detail { get; init; }

    /// <summary>Path of the request.</summary>
    [JsonPropertyName("instance"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Instance { get; init; }

    /// <summary>W3C trace id, to find the request in traces and logs.</summary>
    [JsonPropertyName("traceId"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? TraceId { get; init; }

    /// <summary>What happened, in the Go TKA's member; same text as <see cref="Detail"/>.</summary>
    [JsonPropertyName("message")]
    public string Message { get; init => field = value ?? ""; } = "";

    /// <summary>What to do next, most useful first.</summary>
    [JsonPropertyName("advice")]
    public IReadOnlyList<string> Advice { get; init => field = value ?? []; } = [];

    /// <summary>When to come back; sent as header <c>Retry-After</c>, not in the body.</summary>
    [JsonIgnore]
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>What led to it.</summary>
    [JsonPropertyName("cause"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public Problem? Cause { get; init; }
}
