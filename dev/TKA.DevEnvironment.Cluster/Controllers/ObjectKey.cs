using TKA.DevEnvironment.Cluster.Storage;

namespace TKA.DevEnvironment.Cluster.Controllers;

/// <summary>Names an object; with a uid, whatever the uid belongs to.</summary>
internal readonly record struct ObjectKey(GroupResource Resource, string Namespace, string Name, string Uid = "");
