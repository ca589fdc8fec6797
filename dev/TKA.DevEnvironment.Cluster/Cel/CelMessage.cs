namespace TKA.DevEnvironment.Cluster.Cel;

/// <summary>What to say when a rule is broken.</summary>
internal static class CelMessage
{
    /// <summary>The <c>message</c> of a rule.</summary>
    /// <param name="rule">The rule.</param>
    /// <param name="otherwise">The text for a rule without one.</param>
    /// <param name="path">Place of the rule, for errors.</param>
    /// <param name="errors">Receives what is wrong.</param>
    public static string Read(JsonObject rule, string otherwise, string path, FieldErrors errors)
    {
        var text = rule.Text("message");
        if (text.Contains('\n', StringComparison.Ordinal))
        {
            errors.Invalid($"{path}.message", text, "message must not contain line breaks");
        }

        if (rule["message"] is not null && text.Trim().Length == 0)
        {
            errors.Invalid($"{path}.message", text, "must be non-empty if specified");
        }

        errors.NotImplemented(rule, path, "messageExpression");
        return text.Length > 0 ? text : otherwise;
    }
}
