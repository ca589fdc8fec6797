using System.Globalization;
using TKA.Contracts.Selectors;
using TKA.DevEnvironment.Cluster.Selection;
using TKA.DevEnvironment.Cluster.Validation;

namespace TKA.DevEnvironment.Cluster.Http;

/// <summary>The query of a list, watch or deletecollection, validated as <c>meta.k8s.io ListOptions</c>.</summary>
internal sealed record ListOptions
{
    private const string Match = "resourceVersionMatch";

    public LabelSelector Labels { get; init; } = LabelSelector.Everything;

    public FieldSelector Fields { get; init; } = FieldSelector.Everything;

    public string ResourceVersion { get; init; } = "";

    public string ResourceVersionMatch { get; init; } = "";

    /// <summary>Whether the client wants exactly <see cref="Revision"/>: it says so, or it wants a first page at it.</summary>
    public bool IsExact { get; init; }

    public bool AllowWatchBookmarks { get; init; }

    public TimeSpan? Timeout { get; init; }

    /// <summary>Numeric resource version; 0 when unset.</summary>
    public long Revision { get; init; }

    /// <summary>Reads and validates the query.</summary>
    /// <exception cref="StatusException">400 for what cannot be read, 422 for combinations that make no sense and for what is not served.</exception>
    public static ListOptions Parse(IQueryCollection query, bool watch)
    {
        var resourceVersion = query["resourceVersion"].ToString();
        var match = query["resourceVersionMatch"].ToString();
        var revision = ParseRevision(resourceVersion);
        var limit = QueryValues.Integer(query, "limit") ?? 0;
        if (query["continue"].ToString().Length > 0)
        {
            throw Statuses.BadRequest("continue key is not valid: this server gives out none");
        }

        var options = new ListOptions
        {
            Labels = ParseLabels(query["labelSelector"].ToString()),
            Fields = FieldSelector.Parse(query["fieldSelector"].ToString()),
            ResourceVersion = resourceVersion,
            ResourceVersionMatch = match,
            IsExact = match == "Exact" || (match.Length == 0 && limit > 0 && revision > 0),
            AllowWatchBookmarks = QueryValues.Flag(query, "allowWatchBookmarks") ?? false,
            Timeout = QueryValues.Integer(query, "timeoutSeconds") is { } seconds and > 0 ? TimeSpan.FromSeconds(seconds) : null,
            Revision = revision,
        };
        Validate(options, watch, QueryValues.Flag(query, "sendInitialEvents") is not null);
        return options;
    }

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

    /// <summary>Reads a resource version; unset is 0.</summary>
    /// <exception cref="StatusException">400: not a number.</exception>
    public static long ParseRevision(string text) =>
        text.Length == 0 ? 0
        : long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var revision) ? revision
        : throw Statuses.BadRequest($"invalid resource version: resourceVersion: Invalid value: \"{text}\": strconv.ParseUint: parsing \"{text}\": invalid syntax");

    private static void Validate(ListOptions options, bool watch, bool sendsInitialEvents)
    {
        var errors = new FieldErrors();
        if (sendsInitialEvents)
        {
            // Clients list and watch when a server says so.
            errors.Forbidden("sendInitialEvents", watch ? "sendInitialEvents is forbidden for watch unless the WatchList feature gate is enabled" : "sendInitialEvents is forbidden for list");
        }

        if (options.ResourceVersionMatch.Length > 0)
        {
            ValidateMatch(options, watch, errors);
        }

        errors.ThrowIfAny("meta.k8s.io", "ListOptions", "");
    }

    private static void ValidateMatch(ListOptions options, bool watch, FieldErrors errors)
    {
        if (watch)
        {
            errors.Forbidden(Match, "resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided");
            return;
        }

        if (options.ResourceVersion.Length == 0)
        {
            errors.Forbidden(Match, "resourceVersionMatch is forbidden unless resourceVersion is provided");
        }

        if (options.ResourceVersionMatch is not ("Exact" or "NotOlderThan"))
        {
            errors.NotSupported(Match, options.ResourceVersionMatch, ["Exact", "NotOlderThan", ""]);
        }

        if (options is { ResourceVersionMatch: "Exact", ResourceVersion: "0" })
        {
            errors.Forbidden(Match, "resourceVersionMatch \"exact\" is forbidden for resourceVersion \"0\"");
        }
    }
}
