using System.Globalization;
using System.Net;
using System.Net.Mail;
using System.Text.RegularExpressions;

namespace TKA.DevEnvironment.Cluster.Validation;

/// <summary>The <c>format</c>s of strings that the API server checks; it ignores those it does not know.</summary>
internal static partial class StringFormats
{
    /// <summary>Whether a text has a format.</summary>
    public static bool Accepts(string format, string text) => format switch
    {
        "date-time" or "datetime" => Timestamps.Parse(text) is not null,
        // Go accepts exactly six digits of a second.
        "micro-time" => Timestamps.Parse(text) is not null && Micros().IsMatch(text),
        "date" => DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out _),
        "duration" => Duration().IsMatch(text),
        "uuid" or "uuid3" or "uuid4" or "uuid5" => Guid.TryParseExact(text, "D", out _),
        "ipv4" => IPAddress.TryParse(text, out var a) && a.AddressFamily == System.Net.Sockets.AddressFamily.InterNetwork && text.Count(c => c == '.') == 3,
        "ipv6" => IPAddress.TryParse(text, out var b) && b.AddressFamily == System.Net.Sockets.AddressFamily.InterNetworkV6,
        "cidr" => IPNetwork.TryParse(text, out _),
        "uri" => Uri.TryCreate(text, UriKind.Absolute, out _),
        "email" => MailAddress.TryCreate(text, out _),
        "hostname" => NameRules.Subdomain(text.ToLowerInvariant()) is null,
        "byte" => Convert.TryFromBase64String(text, new byte[text.Length], out _),
        "quantity" => Quantity().IsMatch(text),
        _ => true,
    };

    [GeneratedRegex(@"T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{6}(Z|[-+][0-9]{2}:[0-9]{2})$")]
    private static partial Regex Micros();

    [GeneratedRegex(@"^[-+]?([0-9]+(\.[0-9]+)?(ns|us|µs|ms|s|m|h|d|w))+$|^0$")]
    private static partial Regex Duration();

    [GeneratedRegex(@"^[-+]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][-+]?[0-9]+|[KMGTPE]i|[numkMGTPE])?$")]
    private static partial Regex Quantity();
}
