using System.Globalization;

namespace TKA.DevEnvironment.Cluster.Http;

/// <summary>Typed query parameters.</summary>
internal static class QueryValues
{
    /// <summary>A boolean; null when absent. Anything but <c>false</c> and <c>0</c> is true, nothing at all included.</summary>
    public static bool? Flag(IQueryCollection query, string name) => query.TryGetValue(name, out var values) && values is [var first, ..]
        ? first is not ("0" or "false" or "False" or "FALSE")
        : null;

    /// <summary>An integer; null when absent.</summary>
    /// <exception cref="StatusException">400: something else.</exception>
    public static long? Integer(IQueryCollection query, string name) => query[name].ToString() switch
    {
        "" => null,
        var text when long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value) => value,
        var text => throw Statuses.BadRequest($"strconv.ParseInt: parsing \"{text}\": invalid syntax"),
    };
}
