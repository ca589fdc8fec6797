namespace TKA.DevEnvironment.Cluster.Http;

/// <summary>The bodies of kind <c>Status</c>.</summary>
internal static class StatusBodies
{
    /// <summary>The <c>Status</c> body of a refusal.</summary>
    public static JsonObject Refusal(StatusException refusal)
    {
        var status = new JsonObject
        {
            ["kind"] = "Status",
            ["apiVersion"] = "v1",
            ["metadata"] = new JsonObject(),
            ["status"] = "Failure",
            ["message"] = refusal.Message,
        };
        if (refusal.Reason.Length > 0)
        {
            status["reason"] = refusal.Reason;
        }

        if (Details(refusal) is { } details)
        {
            status["details"] = details;
        }

        status["code"] = refusal.Code;
        return status;
    }

    /// <summary>The answer to a deletion that removed the object.</summary>
    public static JsonObject Deleted(GroupResource resource, string name, string uid)
    {
        var details = new JsonObject { ["name"] = name };
        if (resource.Group.Length > 0)
        {
            details["group"] = resource.Group;
        }

        details["kind"] = resource.Resource;
        details["uid"] = uid;
        return new JsonObject
        {
            ["kind"] = "Status",
            ["apiVersion"] = "v1",
            ["metadata"] = new JsonObject(),
            ["status"] = "Success",
            ["details"] = details,
        };
    }

    private static JsonObject? Details(StatusException refusal)
    {
        if (refusal.Details is null && refusal.Causes.Count == 0 && refusal.RetryAfterSeconds is null)
        {
            return null;
        }

        var details = new JsonObject();
        if (refusal.Details is { } about)
        {
            foreach (var (key, value) in new[] { ("name", about.Name), ("group", about.Group), ("kind", about.Kind), ("uid", about.Uid) })
            {
                if (value.Length > 0)
                {
                    details[key] = value;
                }
            }
        }

        if (refusal.Causes.Count > 0)
        {
            details["causes"] = new JsonArray([.. refusal.Causes.Select(Cause)]);
        }

        if (refusal.RetryAfterSeconds is { } seconds)
        {
            details["retryAfterSeconds"] = seconds;
        }

        return details;
    }

    private static JsonObject Cause(StatusCause cause)
    {
        var result = new JsonObject();
        if (cause.Reason.Length > 0)
        {
            result["reason"] = cause.Reason;
        }

        result["message"] = cause.Message;
        if (cause.Field.Length > 0)
        {
            result["field"] = cause.Field;
        }

        return result;
    }
}
