using System.Text.Json;
using System.Text.Json.Serialization;

namespace TKA.Contracts;

/// <summary>Reads and writes a <see cref="TimeSpan"/> as a Go duration. Any other value throws <see cref="JsonException"/>.</summary>
public sealed class GoDurationConverter : JsonConverter<TimeSpan>
{
    /// <inheritdoc/>
    public override TimeSpan Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        var text = reader.TokenType == JsonTokenType.String ? reader.GetString()! : "";
        return GoDuration.TryParse(text, out var value)
            ? value
            : throw new JsonException($"'{text}' is not a duration. Write it like 30m, 8h or 1h30m.");
    }

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, TimeSpan value, JsonSerializerOptions options) =>
        writer.WriteStringValue(GoDuration.Format(value));
}
