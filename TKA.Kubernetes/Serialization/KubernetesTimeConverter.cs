using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace TKA.Kubernetes.Serialization;

/// <summary>
/// Times of Kubernetes objects. <c>metav1.MicroTime</c> insists on exactly six fractional digits and <c>metav1.Time</c>
/// accepts them, so six are always written.
/// </summary>
internal sealed class KubernetesTimeConverter : JsonConverter<DateTime>
{
    private const string Format = "yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'";

    public override DateTime Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        DateTime.Parse(reader.GetString()!, CultureInfo.InvariantCulture, DateTimeStyles.AdjustToUniversal | DateTimeStyles.AssumeUniversal);

    public override void Write(Utf8JsonWriter writer, DateTime value, JsonSerializerOptions options) =>
        writer.WriteStringValue(value.ToUniversalTime().ToString(Format, CultureInfo.InvariantCulture));
}
