using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace TKA.Kubernetes.Serialization;

/// <summary><c>metav1.Time</c>: whole seconds, as the API server itself writes them.</summary>
internal class KubernetesTimeConverter : JsonConverter<DateTime>
{
    protected virtual string Format => "yyyy-MM-dd'T'HH:mm:ss'Z'";

    public override DateTime Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        DateTime.Parse(reader.GetString()!, CultureInfo.InvariantCulture, DateTimeStyles.AdjustToUniversal | DateTimeStyles.AssumeUniversal);

    public override void Write(Utf8JsonWriter writer, DateTime value, JsonSerializerOptions options) =>
        writer.WriteStringValue(value.ToUniversalTime().ToString(Format, CultureInfo.InvariantCulture));
}

/// <summary><c>metav1.MicroTime</c>, which insists on exactly six fractional digits.</summary>
internal sealed class KubernetesMicroTimeConverter : KubernetesTimeConverter
{
    protected override string Format => "yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'";
}
