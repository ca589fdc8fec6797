using System.Collections.Concurrent;
using TKA.DevEnvironment.Cluster.Validation.Builtin;

namespace TKA.DevEnvironment.Cluster.Protobuf;

/// <summary>A field of a message: a field of a built-in type, or a message whose fields belong to the outer type.</summary>
/// <param name="Field">The field; null for a message whose fields belong to the outer type.</param>
/// <param name="Inner">The fields of such a message by number.</param>
internal sealed record MessageField(TypeField? Field, IReadOnlyDictionary<int, MessageField> Inner)
{
    private static readonly ConcurrentDictionary<string, IReadOnlyDictionary<int, MessageField>> Messages = new(StringComparer.Ordinal);

    private static readonly HashSet<string> Versions =
    [
        "v1", "apps/v1", "batch/v1", "rbac.authorization.k8s.io/v1", "authentication.k8s.io/v1", "authorization.k8s.io/v1", "networking.k8s.io/v1",
        "policy/v1", "coordination.k8s.io/v1", "discovery.k8s.io/v1", "admissionregistration.k8s.io/v1",
    ];

    /// <summary>Whether objects of a kind have a form in protobuf here. DeleteOptions come with the group and version of the resource that is deleted.</summary>
    public static bool Has(string apiVersion, string kind) =>
        kind == "DeleteOptions" || (Versions.Contains(apiVersion) && TypeTable.Names.Contains(kind) && Of(kind).Count > 0);

    /// <summary>The fields of a built-in type by number.</summary>
    /// <exception cref="KeyNotFoundException">There is no such type.</exception>
    public static IReadOnlyDictionary<int, MessageField> Of(string type) =>
        Messages.GetOrAdd(type, static name => Read(TypeTable.Get(name).Fields.Where(field => field.Numbers.Count > 0), depth: 0));

    private static Dictionary<int, MessageField> Read(IEnumerable<TypeField> fields, int depth) => fields
        .GroupBy(field => field.Numbers[depth])
        .ToDictionary(
            group => group.Key,
            group => group.First().Numbers.Count == depth + 1
                ? new MessageField(group.First(), new Dictionary<int, MessageField>())
                : new MessageField(null, Read(group, depth + 1)));
}
