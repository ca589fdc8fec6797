using TKA.DevEnvironment.Cluster.Http;
using TKA.DevEnvironment.Cluster.Registry;

namespace TKA.DevEnvironment.Cluster.Patching;

/// <summary>Server-side apply.</summary>
internal static class ServerSideApply
{
    /// <summary>Applies a configuration.</summary>
    public static WriteResult Apply(ObjectWriter writer, ResourceDefinition definition, WriteRequest request, byte[] body, Action authorizeCreate) =>
        throw Statuses.NotImplemented("server-side apply yet");
}
