using System.Text.Json;
using System.Text.Json.Serialization;

namespace TKA.Tailscale.LocalApi;

/// <summary>
/// Times as Go writes them. Go's zero time, <c>0001-01-01T00:00:00Z</c>, means "no time": tailscaled of capability version 130 and
/// older answers it for keys that never expire, where newer ones leave the field out.
/// </summary>
internal sealed class GoTimeConverter : JsonConverter<DateTimeOffset?>
{
    // Go formats its zero time in UTC; an offset of up to a day keeps it in the first two days of year 1.
    private static readonly DateTimeOffset FirstRealTime = new(1, 1, 3, 0, 0, 0, TimeSpan.Zero);

    /// <inheritdoc/>
    public override DateTimeOffset? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType == JsonTokenType.Null || reader.ValueTextEquals(""u8))
        {
            return null;
        }

        var time = reader.GetDateTimeOffset();
        return time < FirstRealTime ? null : time;
    }

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, DateTimeOffset? value, JsonSerializerOptions options)
    {
        if (value is { } time)
        {
            writer.WriteStringValue(time);
        }
        else
        {
            writer.WriteNullValue();
        }
    }
}
