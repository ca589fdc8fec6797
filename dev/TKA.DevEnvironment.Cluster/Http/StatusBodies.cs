namespace TKA.DevEnvironment.Cluster.Http;

/// <summary>The bodies of kind <c>Status</c>.</summary>
internal static class StatusBodies
{
    /// <summary>The <c>Status</c> body of a refusal.</summary>
    public static JsonObject Refusal(StatusException refusal)
    {
        var status = Status("Failure").With("message", refusal.Message).With("reason", refusal.Reason);
        if (refusal.Details is not null || refusal.Causes.Count > 0 || refusal.RetryAfterSeconds is not null)
        {
            status["details"] = Details(refusal.Details ?? default)
                .With("causes", new JsonArray([.. refusal.Causes.Select(Cause)]))
                .With("retryAfterSeconds", refusal.RetryAfterSeconds);
        }

        return status.With("code", refusal.Code);
    }

    /// <summary>The answer to a deletion that removed the object.</summary>
    public static JsonObject Deleted(GroupResource resource, string name, string uid) =>
        Status("Success").With("details", Details((resource.Group, resource.Resource, name, uid)));

    private static JsonObject Status(string status) =>
        new() { ["kind"] = "Status", ["apiVersion"] = "v1", ["metadata"] = new JsonObject(), ["status"] = status };

    private static JsonObject Details((string Group, string Kind, string Name, string Uid) about) =>
        new JsonObject().With("name", about.Name).With("group", about.Group).With("kind", about.Kind).With("uid", about.Uid);

    private static JsonObject Cause(StatusCause cause) =>
        new JsonObject().With("reason", cause.Reason).With("message", cause.Message).With("field", cause.Field);
}
