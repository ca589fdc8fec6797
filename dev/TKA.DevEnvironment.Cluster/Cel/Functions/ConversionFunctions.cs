using System.Globalization;
using System.Text;
using static TKA.DevEnvironment.Cluster.Cel.CelType;

namespace TKA.DevEnvironment.Cluster.Cel.Functions;

/// <summary>Conversions between types.</summary>
internal static class ConversionFunctions
{
    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    public static IEnumerable<CelOverload> All { get; } =
    [
        Convert("int", Int, Int, value => value),
        Convert("int", Uint, Int, value => checked((long)(ulong)value!)),
        Convert("int", CelType.Double, Int, value => FromDouble((double)value!, long.MinValue, long.MaxValue, d => (long)d)),
        Convert("int", CelType.String, Int, value => long.TryParse((string)value!, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var parsed) ? parsed : throw NotA("int", value)),
        Convert("int", Timestamp, Int, value => ((DateTimeOffset)value!).ToUnixTimeSeconds()),
        Convert("int", Duration, Int, value => ((CelDuration)value!).Nanoseconds),
        Convert("uint", Uint, Uint, value => value),
        Convert("uint", Int, Uint, value => checked((ulong)(long)value!)),
        Convert("uint", CelType.Double, Uint, value => FromDouble((double)value!, 0, ulong.MaxValue, d => (ulong)d)),
        Convert("uint", CelType.String, Uint, value => ulong.TryParse((string)value!, NumberStyles.None, CultureInfo.InvariantCulture, out var parsed) ? parsed : throw NotA("uint", value)),
        Convert("double", CelType.Double, CelType.Double, value => value),
        Convert("double", Int, CelType.Double, value => (double)(long)value!),
        Convert("double", Uint, CelType.Double, value => (double)(ulong)value!),
        Convert("double", CelType.String, CelType.Double, value => double.TryParse((string)value!, NumberStyles.Float, CultureInfo.InvariantCulture, out var parsed) ? parsed : throw NotA("double", value)),
        Convert("string", CelType.String, CelType.String, value => value),
        Convert("string", Bool, CelType.String, value => (bool)value! ? "true" : "false"),
        Convert("string", Int, CelType.String, value => ((long)value!).ToString(CultureInfo.InvariantCulture)),
        Convert("string", Uint, CelType.String, value => ((ulong)value!).ToString(CultureInfo.InvariantCulture)),
        Convert("string", CelType.Double, CelType.String, value => ((double)value!).ToString(CultureInfo.InvariantCulture)),
        Convert("string", Bytes, CelType.String, value => Decode((byte[])value!)),
        Convert("string", Timestamp, CelType.String, value => CelTime.Format((DateTimeOffset)value!)),
        Convert("string", Duration, CelType.String, value => CelTime.Format((CelDuration)value!)),
        Convert("bool", Bool, Bool, value => value),
        Convert("bool", CelType.String, Bool, value => (string)value! switch
        {
            "1" or "t" or "true" or "TRUE" or "True" or "T" => true,
            "0" or "f" or "false" or "FALSE" or "False" or "F" => false,
            _ => throw NotA("bool", value),
        }),
        Convert("bytes", Bytes, Bytes, value => value),
        Convert("bytes", CelType.String, Bytes, value => Encoding.UTF8.GetBytes((string)value!)),
        Convert("duration", Duration, Duration, value => value),
        Convert("duration", CelType.String, Duration, value => CelTime.ParseDuration((string)value!)),
        Convert("duration", Int, Duration, value => new CelDuration((long)value!)),
        Convert("timestamp", Timestamp, Timestamp, value => value),
        Convert("timestamp", CelType.String, Timestamp, value => CelTime.ParseTimestamp((string)value!)),
        Convert("timestamp", Int, Timestamp, value => FromUnixTime((long)value!)),
        Convert("dyn", Dyn, Dyn, value => value),
        Convert("type", Dyn, CelType.Type, value => new CelTypeValue(NameOf(CelValues.KindOf(value)))),
    ];

    /// <summary>Name of a type as a value.</summary>
    public static string NameOf(CelKind kind) => kind switch
    {
        CelKind.Null => "null_type",
        CelKind.Duration => "google.protobuf.Duration",
        CelKind.Timestamp => "google.protobuf.Timestamp",
        CelKind.Optional => "optional_type",
        _ => kind.ToString().ToLowerInvariant(),
    };

    private static CelOverload Convert(string name, CelType from, CelType to, Func<object?, object?> run) =>
        new(name, false, [from], to, arguments => run(arguments[0]));

    private static T FromDouble<T>(double value, double minimum, double maximum, Func<double, T> convert) =>
        double.IsNaN(value) || value <= minimum - 1 || value >= maximum ? throw new CelException("range error converting double to integer") : convert(value);

    private static DateTimeOffset FromUnixTime(long seconds) =>
        seconds is >= -62_135_596_800 and <= 253_402_300_799 ? DateTimeOffset.FromUnixTimeSeconds(seconds) : throw new CelException("timestamp overflow");

    private static string Decode(byte[] utf8)
    {
        try
        {
            return StrictUtf8.GetString(utf8);
        }
        catch (DecoderFallbackException)
        {
            throw new CelException("invalid UTF-8 in bytes, cannot convert to string");
        }
    }

    private static CelException NotA(string type, object? value) => new($"type conversion error from 'string' to '{type}': \"{value}\"");
}
