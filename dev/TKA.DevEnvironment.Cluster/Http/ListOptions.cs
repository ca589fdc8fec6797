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

    public int Limit { get; init; }

    public string Continue { get; init; } = "";

    public bool Watch { get; init; }

    public bool AllowWatchBookmarks { get; init; }

    public bool SendInitialEvents { get; init; }

    public TimeSpan? Timeout { get; init; }

    /// <summary>Numeric resource version; 0 when unset.</summary>
    public long Revision { get; init; }

    /// <summary>Reads and validates the query.</summary>
    /// <exception cref="StatusException">400 for what cannot be read, 422 for combinations that make no sense.</exception>
    public static ListOptions Parse(IQueryCollection query, bool watch)
    {
        var resourceVersion = query["resourceVersion"].ToString();
        var initial = QueryValues.Flag(query, "sendInitialEvents");
        var options = new ListOptions
        {
            Labels = ParseLabels(query["labelSelector"].ToString()),
            Fields = FieldSelector.Parse(query["fieldSelector"].ToString()),
            ResourceVersion = resourceVersion,
            ResourceVersionMatch = query["resourceVersionMatch"].ToString(),
            Limit = (int)Math.Clamp(QueryValues.Integer(query, "limit") ?? 0, 0, int.MaxValue),
            Continue = query["continue"].ToString(),
            Watch = watch,
            AllowWatchBookmarks = QueryValues.Flag(query, "allowWatchBookmarks") ?? false,
            SendInitialEvents = initial ?? false,
            Timeout = QueryValues.Integer(query, "timeoutSeconds") is { } seconds and > 0 ? TimeSpan.FromSeconds(seconds) : null,
            Revision = ParseRevision(resourceVersion),
        };
        Validate(options, initial);
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

    private static void Validate(ListOptions options, bool? initial)
    {
        var errors = new FieldErrors();
        if (options.Watch)
        {
            ValidateWatch(options, initial, errors);
        }
        else
        {
            ValidateList(options, initial, errors);
        }

        errors.ThrowIfAny("meta.k8s.io", "ListOptions", "");
    }

    private static void ValidateList(ListOptions options, bool? initial, FieldErrors errors)
    {
        if (options.ResourceVersionMatch.Length > 0)
        {
            if (options.ResourceVersion.Length == 0)
            {
                errors.Forbidden(Match, "resourceVersionMatch is forbidden unless resourceVersion is provided");
            }

            if (options.Continue.Length > 0)
            {
                errors.Forbidden(Match, "resourceVersionMatch is forbidden when continue is provided");
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

        if (initial is not null)
        {
            errors.Forbidden("sendInitialEvents", "sendInitialEvents is forbidden for list");
        }
    }

    private static void ValidateWatch(ListOptions options, bool? initial, FieldErrors errors)
    {
        if (initial is not null && options.ResourceVersionMatch != "NotOlderThan")
        {
            errors.Forbidden(Match, "sendInitialEvents requires setting resourceVersionMatch to NotOlderThan");
        }

        if (options.ResourceVersionMatch.Length > 0)
        {
            if (initial is null)
            {
                errors.Forbidden(Match, "resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided");
            }

            if (options.ResourceVersionMatch != "NotOlderThan")
            {
                errors.NotSupported(Match, options.ResourceVersionMatch, ["NotOlderThan"]);
            }
        }

        // A watch from the start sends the current objects first. Such a list has no pages, so continue is refused.
        var fromStart = options is { Revision: 0, ResourceVersionMatch: "" } && initial is null;
        if (options.Continue.Length > 0 && (options.ResourceVersionMatch.Length > 0 || fromStart))
        {
            errors.Forbidden(Match, "resourceVersionMatch is forbidden when continue is provided");
        }
    }
}
