namespace TKA.DevEnvironment.Cluster.Http;

/// <summary>What to do about unknown and duplicate fields in a body.</summary>
internal enum FieldValidation
{
    /// <summary>Drop silently.</summary>
    Ignore,

    /// <summary>Drop, and say so in a <c>Warning</c> header: the default.</summary>
    Warn,

    /// <summary>Refuse the request.</summary>
    Strict,
}

/// <summary>The query of a create, update or patch.</summary>
internal sealed record WriteOptions(bool DryRun, string FieldManager, FieldValidation FieldValidation, bool? Force)
{
    private const int LongestManager = 128;

    /// <summary>Reads and validates.</summary>
    /// <param name="request">The request.</param>
    /// <param name="kind">Name of the options for errors: <c>CreateOptions</c>, <c>UpdateOptions</c> or <c>PatchOptions</c>.</param>
    /// <exception cref="StatusException">422.</exception>
    public static WriteOptions Parse(HttpRequest request, string kind)
    {
        var manager = request.Query["fieldManager"].ToString();
        if (manager.Length > LongestManager)
        {
            throw Statuses.InvalidOptions(kind, e => e.TooLong("fieldManager", LongestManager));
        }

        if (manager.Any(c => char.IsControl(c)))
        {
            throw Statuses.InvalidOptions(kind, e => e.Invalid("fieldManager", manager, "should only contain printable characters"));
        }

        var validation = request.Query["fieldValidation"].ToString() switch
        {
            "" or "Warn" => FieldValidation.Warn,
            "Strict" => FieldValidation.Strict,
            "Ignore" => FieldValidation.Ignore,
            var other => throw Statuses.InvalidOptions(kind, e => e.NotSupported("fieldValidation", other, ["", "Ignore", "Strict", "Warn"])),
        };
        return new WriteOptions(
            ParseDryRun(request.Query["dryRun"], kind),
            manager,
            validation,
            QueryValues.Flag(request.Query, "force"));
    }

    /// <summary>Reads <c>dryRun</c>, whose only value is <c>All</c>.</summary>
    public static bool ParseDryRun(IEnumerable<string?> values, string kind)
    {
        var result = false;
        foreach (var value in values.Where(v => !string.IsNullOrEmpty(v)))
        {
            result = value == "All" ? true : throw Statuses.InvalidOptions(kind, e => e.NotSupported("dryRun", new JsonArray(value), ["All"]));
        }

        return result;
    }
}
