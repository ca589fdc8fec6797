namespace TKA.DevEnvironment.Cluster.Storage;

/// <summary>Names one kind of stored object across its versions: API group (empty for core) and plural resource.</summary>
internal readonly record struct GroupResource(string Group, string Resource)
{
    /// <summary>As messages write it: <c>configmaps</c>, <c>deployments.apps</c>.</summary>
    public override string ToString() => Group.Length == 0 ? Resource : $"{Resource}.{Group}";
}
