using System.Text.Json.Serialization;
using TKA.Contracts.Rest;

namespace TKA.Cli.Output;

/// <summary>An error as a problem document (RFC 9457): the server's own where there is one, with what scripts need added.</summary>
internal sealed record ErrorOutput
{
    [JsonPropertyName("type"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Type { get; init; }

    [JsonPropertyName("title")]
    public required string Title { get; init; }

    [JsonPropertyName("status"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? Status { get; init; }

    [JsonPropertyName("detail")]
    public required string Detail { get; init; }

    [JsonPropertyName("instance"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Instance { get; init; }

    [JsonPropertyName("traceId"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? TraceId { get; init; }

    [JsonPropertyName("message")]
    public required string Message { get; init; }

    [JsonPropertyName("advice")]
    public required IReadOnlyList<string> Advice { get; init; }

    [JsonPropertyName("cause"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public Problem? Cause { get; init; }

    /// <summary>Stable name of the error, as in <c>docs/troubleshooting.md</c>.</summary>
    [JsonPropertyName("code")]
    public required string Code { get; init; }

    /// <summary>The run's exit code.</summary>
    [JsonPropertyName("exit_code")]
    public required int ExitCode { get; init; }
}
