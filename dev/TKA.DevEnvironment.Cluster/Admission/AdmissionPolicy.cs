using TKA.DevEnvironment.Cluster.Cel;

namespace TKA.DevEnvironment.Cluster.Admission;

/// <summary>What a policy says about a request that it refuses.</summary>
/// <param name="Message">Shown to the client.</param>
/// <param name="Reason">Status reason: <c>Invalid</c> unless the validation says otherwise.</param>
internal sealed record PolicyFinding(string Message, string Reason);

/// <summary>A ValidatingAdmissionPolicy, compiled.</summary>
internal sealed class AdmissionPolicy
{
    private readonly ResourceMatcher _matcher;
    private readonly IReadOnlyList<CelExpression> _conditions;
    private readonly IReadOnlyList<(string Name, CelExpression Expression)> _variables;
    private readonly IReadOnlyList<Validation> _validations;

    private AdmissionPolicy(JsonObject policy, PolicyCompiler compiler)
    {
        Name = policy.Name();
        FailsClosed = policy.Text("spec", "failurePolicy") != "Ignore";
        ParamKind = policy.At("spec", "paramKind") as JsonObject;
        _matcher = new ResourceMatcher(policy.At("spec", "matchConstraints"));
        _conditions = [.. policy.Objects("spec", "matchConditions").Select((condition, i) => compiler.Condition(condition, i)).OfType<CelExpression>()];
        _variables = compiler.Variables(policy.Objects("spec", "variables"));
        _validations = [.. policy.Objects("spec", "validations").Select((validation, i) => compiler.Validation(validation, i)).OfType<Validation>()];
    }

    /// <summary>Name.</summary>
    public string Name { get; }

    /// <summary>Whether an expression that cannot be evaluated refuses the request (<c>failurePolicy: Fail</c>).</summary>
    public bool FailsClosed { get; }

    /// <summary>Kind of parameter objects, or null.</summary>
    public JsonObject? ParamKind { get; }

    /// <summary>Compiles a policy; what is wrong with it is added to <paramref name="errors"/>.</summary>
    public static AdmissionPolicy Compile(JsonObject policy, FieldErrors errors) =>
        new(policy, new PolicyCompiler(policy.At("spec", "paramKind") is JsonObject, errors));

    /// <summary>Whether the policy is about a request, before its match conditions.</summary>
    public bool Matches(AdmissionRequest request, ObjectStore objects) => _matcher.Matches(request, objects);

    /// <summary>Judges a request with one parameter object, or none.</summary>
    public IReadOnlyList<PolicyFinding> Evaluate(Dictionary<string, object?> values, JsonObject? parameters)
    {
        var variables = new Dictionary<string, object?>(values, StringComparer.Ordinal) { ["params"] = parameters };
        var findings = new List<PolicyFinding>();
        if (!MeetsConditions(variables, findings))
        {
            return findings;
        }

        variables["variables"] = Compose(variables);
        foreach (var validation in _validations)
        {
            try
            {
                if (validation.Expression.Evaluate(variables) is not true)
                {
                    findings.Add(new(validation.Message, validation.Reason));
                }
            }
            catch (CelException exception)
            {
                AddError(validation.Expression, exception, findings);
            }
        }

        return findings;
    }

    private bool MeetsConditions(Dictionary<string, object?> variables, List<PolicyFinding> findings)
    {
        CelException? error = null;
        CelExpression? failed = null;
        foreach (var condition in _conditions)
        {
            try
            {
                // One false condition decides, even when another one fails.
                if (condition.Evaluate(variables) is not true)
                {
                    return false;
                }
            }
            catch (CelException exception)
            {
                (error, failed) = (exception, condition);
            }
        }

        if (error is null)
        {
            return true;
        }

        AddError(failed!, error, findings);
        return false;
    }

    private void AddError(CelExpression expression, CelException error, List<PolicyFinding> findings)
    {
        if (FailsClosed)
        {
            findings.Add(new($"expression '{expression.Source}' resulted in error: {error.Message}", "Invalid"));
        }
    }

    private CelLazyMap Compose(Dictionary<string, object?> variables)
    {
        var composed = new Dictionary<string, Lazy<object?>>(StringComparer.Ordinal);
        var map = new CelLazyMap(composed);
        var scope = new Dictionary<string, object?>(variables, StringComparer.Ordinal) { ["variables"] = map };
        foreach (var (name, expression) in _variables)
        {
            // Evaluated once, when first read. An unused variable is never evaluated.
            composed[name] = new Lazy<object?>(() => expression.Evaluate(scope));
        }

        return map;
    }

    /// <summary>One validation of a policy.</summary>
    internal sealed record Validation(CelExpression Expression, string Message, string Reason);
}
