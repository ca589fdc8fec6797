namespace TKA.DevEnvironment.Cluster.Cel;

/// <summary>What to say when a rule is broken: the value of an expression, a fixed text, or the rule itself.</summary>
internal sealed class CelMessage
{
    private readonly CelExpression? _expression;
    private readonly string _text;

    private CelMessage(CelExpression? expression, string text) => (_expression, _text) = (expression, text);

    /// <summary>Reads <c>message</c> and <c>messageExpression</c> of a rule.</summary>
    /// <param name="rule">The rule.</param>
    /// <param name="otherwise">The text for a rule with neither.</param>
    /// <param name="path">Place of the rule, for errors.</param>
    /// <param name="environment">Variables of the expression.</param>
    /// <param name="errors">Receives what is wrong.</param>
    public static CelMessage Read(JsonObject rule, string otherwise, string path, CelEnvironment environment, FieldErrors errors)
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

        var expression = rule.Text("messageExpression") is { Length: > 0 } source
            ? CelExpression.Compile(source, environment, CelType.String, $"{path}.messageExpression", errors)
            : null;
        return new CelMessage(expression, text.Length > 0 ? text : otherwise);
    }

    /// <summary>The message. An expression that fails, or gives nothing to show, does not change the decision: the text is shown.</summary>
    public string For(IReadOnlyDictionary<string, object?> variables)
    {
        try
        {
            if (_expression?.Evaluate(variables) is string text && text.Trim().Length > 0 && !text.Contains('\n', StringComparison.Ordinal))
            {
                return text.Trim();
            }
        }
        catch (CelException)
        {
        }

        return _text;
    }
}
