namespace TKA.DevEnvironment.Cluster.Controllers;

/// <summary>Names an object.</summary>
internal readonly record struct ObjectKey(GroupResource Resource, string Namespace, string Name);
