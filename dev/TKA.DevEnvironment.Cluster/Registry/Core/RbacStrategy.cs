namespace TKA.DevEnvironment.Cluster.Registry.Core;

/// <summary>Roles and bindings. Their content is validated where it is authorized, in <c>Authorization/RbacAdmission</c>.</summary>
internal sealed class RbacStrategy : BuiltinStrategy
{
    public override string? NameProblem(string name) => NameRules.PathSegment(name);
}
