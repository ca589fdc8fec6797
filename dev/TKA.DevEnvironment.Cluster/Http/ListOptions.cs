using System.Globalization;
using TKA.Contracts.Selectors;
using TKA.DevEnvironment.Cluster.Selection;

namespace TKA.DevEnvironment.Cluster.Http;

/// <summary>The query of a list, watch or deletecollection.</summary>
/// <param name="Labels">Labels that objects must have.</param>
/// <param name="Fields">Fields that objects must have.</param>
/// <param name="Revision">Resource version that the answer must not be older than, for a watch the one it starts after; 0 when unset.</param>
/// <param name="AllowWatchBookmarks">Whether a watch gets bookmarks.</param>
/// <param name="Timeout">Length of a watch, null when the client names none.</param>
internal sealed record ListOptions(LabelSelector Labels, FieldSelector Fields, long Revision, bool AllowWatchBookmarks, TimeSpan? Timeout)
{
    /// <summary>Reads and validates the query.</summary>
    /// <exception cref="StatusException">400 for what cannot be read, 422 for what is not served.</exception>
    public static ListOptions Parse(IQueryCollection query)
    {
        if (query["continue"].ToString().Length > 0)
        {
            throw Statuses.BadRequest("continue key is not valid: this server gives out none");
        }

        var options = new ListOptions(
            ParseLabels(query["labelSelector"].ToString()),
            FieldSelector.Parse(query["fieldSelector"].ToString()),
            ParseRevision(query["resourceVersion"].ToString()),
            QueryValues.Flag(query, "allowWatchBookmarks") ?? false,
            QueryValues.Integer(query, "timeoutSeconds") is { } seconds and > 0 ? TimeSpan.FromSeconds(seconds) : null);
        RefuseExact(query, options.Revision);
        return options;
    }

    /// <summary>Reads a resource version; unset is 0.</summary>
    /// <exception cref="StatusException">400: not a number.</exception>
    public static long ParseRevision(string text) =>
        text.Length == 0 ? 0
        : long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var revision) ? revision
        : throw Statuses.BadRequest($"invalid resource version: resourceVersion: Invalid value: \"{text}\": strconv.ParseUint: parsing \"{text}\": invalid syntax");

    private static LabelSelector ParseLabels(string text)
    {
        try
        {
            return LabelSelector.Parse(text);
        }
        catch (FormatException exception)
        {
            throw Statuses.BadRequest($"unable to parse requirement: {text}: {exception.Message}");
        }
    }

    /// <summary>Earlier states are not kept, so there are no lists of one. A first page at a resource version is such a list.</summary>
    private static void RefuseExact(IQueryCollection query, long revision)
    {
        var page = QueryValues.Integer(query, "limit") > 0 && revision > 0;
        foreach (var (name, isSet) in new[]
        {
            ("resourceVersionMatch", query["resourceVersionMatch"].ToString().Length > 0),
            ("sendInitialEvents", query.ContainsKey("sendInitialEvents")),
            ("limit", page),
        })
        {
            if (isSet)
            {
                throw Statuses.InvalidOptions("ListOptions", errors => errors.Forbidden(name, "the embedded cluster does not implement it"));
            }
        }
    }
}
