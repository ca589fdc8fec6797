namespace TKA.DevEnvironment.Cluster.Http;

/// <summary>Options of a deletion, from the query and, over it, the body.</summary>
internal sealed record DeleteOptions(bool DryRun, string? PreconditionUid, string? PreconditionResourceVersion)
{
    /// <summary>Reads and validates.</summary>
    /// <exception cref="StatusException">422; 501 for any other propagation than in the background.</exception>
    public static DeleteOptions Parse(IQueryCollection query, JsonObject body)
    {
        var policy = body.Text("propagationPolicy") is { Length: > 0 } fromBody ? fromBody : query["propagationPolicy"].ToString();
        if (policy is not ("" or "Background" or "Foreground" or "Orphan"))
        {
            throw Statuses.InvalidOptions("DeleteOptions", e => e.NotSupported("propagationPolicy", policy, ["Foreground", "Background", "Orphan", "nil"]));
        }

        if (policy is "Foreground" or "Orphan" || body.Flag("orphanDependents") || QueryValues.Flag(query, "orphanDependents") == true)
        {
            throw Statuses.NotImplemented("deletion in the foreground or without the dependents");
        }

        return new DeleteOptions(
            WriteOptions.ParseDryRun([.. query["dryRun"], .. body.Texts("dryRun")], "DeleteOptions"),
            Optional(body.Text("preconditions", "uid")),
            Optional(body.Text("preconditions", "resourceVersion")));
    }

    private static string? Optional(string text) => text.Length > 0 ? text : null;
}
