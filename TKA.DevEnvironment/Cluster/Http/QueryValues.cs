using System.Globalization;

namespace TKA.DevEnvironment.Cluster.Http;

/// <summary>Typed query parameters.</summary>
internal static class QueryValues
{
    /// <summary>A boolean as Go reads one; null when absent.</summary>
    /// <exception cref="StatusException">400: something else.</exception>
    public static bool? Flag(IQueryCollection query, string name) => query[name].ToString() switch
    {
        "" => null,
        "true" or "True" or "TRUE" or "t" or "T" or "1" => true,
        "false" or "False" or "FALSE" or "f" or "F" or "0" => false,
        var text => throw Statuses.BadRequest($"strconv.ParseBool: parsing \"{text}\": invalid syntax (query parameter {name})"),
    };

    /// <summary>An integer; null when absent.</summary>
    /// <exception cref="StatusException">400: something else.</exception>
    public static long? Integer(IQueryCollection query, string name) => query[name].ToString() switch
    {
        "" => null,
        var text when long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value) => value,
        var text => throw Statuses.BadRequest($"strconv.ParseInt: parsing \"{text}\": invalid syntax (query parameter {name})"),
    };
}
