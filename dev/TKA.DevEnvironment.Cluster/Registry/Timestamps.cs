using System.Globalization;

namespace TKA.DevEnvironment.Cluster.Registry;

/// <summary>Times as Kubernetes writes them.</summary>
internal static class Timestamps
{
    /// <summary><c>metav1.Time</c>: RFC 3339 in UTC, whole seconds.</summary>
    public static string Format(DateTimeOffset moment) => moment.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    /// <summary>The current time in the same form.</summary>
    public static string Now(TimeProvider time) => Format(time.GetUtcNow());

    /// <summary>Reads RFC 3339; null when it is something else.</summary>
    public static DateTimeOffset? Parse(string text) =>
        text.Length >= 20 && text[4] == '-' && text[10] is 'T' or 't'
        && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time)
            ? time
            : null;
}
