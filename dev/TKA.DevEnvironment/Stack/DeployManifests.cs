using TKA.DevEnvironment.Shared;

namespace TKA.DevEnvironment.Stack;

/// <summary>Manifests that this assembly carries, so that a stack starts from any directory.</summary>
internal static class DeployManifests
{
    private static readonly string[] Order = ["deploy/base/namespaces.yaml", "deploy/crd/", "deploy/base/rbac/", "deploy/base/admission/", "deploy/base/quota.yaml"];

    /// <summary>
    /// The part of <c>deploy/</c> that a cluster needs before TKA runs in it: namespaces, CRD, RBAC, admission policies, quota, in the
    /// order to apply them. The same files that the overlays of <c>deploy/</c> install.
    /// </summary>
    /// <returns>Content by path, for example <c>deploy/crd/tkasignins.yaml</c>.</returns>
    public static IEnumerable<KeyValuePair<string, string>> ReadAll()
    {
        var names = typeof(DeployManifests).Assembly.GetManifestResourceNames().Order(StringComparer.Ordinal).ToArray();
        return Order
            .SelectMany(start => names.Where(name => name.StartsWith(start, StringComparison.Ordinal)))
            .Select(name => new KeyValuePair<string, string>(name, EmbeddedText.Read(name)));
    }

    /// <summary>Sample objects: two teams' namespaces with a few workloads.</summary>
    public static string ReadSamples() => EmbeddedText.Read("samples.yaml");
}
