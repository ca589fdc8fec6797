namespace TKA.DevEnvironment.Cluster.Cel;

/// <summary>Variables an expression may use, with their types.</summary>
internal sealed class CelEnvironment(params (string Name, CelType Type)[] variables)
{
    /// <summary>Variables in the order of their slots.</summary>
    public IReadOnlyList<(string Name, CelType Type)> Variables { get; } = variables;
}
