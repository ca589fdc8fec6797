using System.Text.Json.Nodes;

namespace TKA.DevEnvironment.Cluster.Cel;

/// <summary>A compiled CEL expression, for CRD validation rules and admission policies.</summary>
internal sealed class CelExpression
{
    private CelExpression()
    {
    }

    /// <summary>Compiles.</summary>
    /// <exception cref="CelException">The text is not CEL, or uses a function this subset lacks.</exception>
    public static CelExpression Compile(string source) => throw new CelException($"no CEL yet: {source}");

    /// <summary>Evaluates to a boolean or a string, or throws <see cref="CelException"/>. Variables by name; values are JSON.</summary>
    public object? Evaluate(IReadOnlyDictionary<string, JsonNode?> variables) => throw new CelException($"{variables.Count}");
}

/// <summary>The expression cannot be compiled or evaluated.</summary>
internal sealed class CelException(string message) : Exception(message);
