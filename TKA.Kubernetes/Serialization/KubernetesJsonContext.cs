using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using k8s.Models;
using TKA.Kubernetes.Client;
using TKA.Kubernetes.Sessions;

namespace TKA.Kubernetes.Serialization;

/// <summary>Source-generated JSON of the resources TKA touches: the client library's own serializer uses reflection and buffers whole answers as text.</summary>
[JsonSourceGenerationOptions(DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, Converters = [typeof(KubernetesTimeConverter)])]
[JsonSerializable(typeof(TkaSignin))]
[JsonSerializable(typeof(ResourceList<TkaSignin>))]
[JsonSerializable(typeof(V1ServiceAccount))]
[JsonSerializable(typeof(ResourceList<V1ServiceAccount>))]
[JsonSerializable(typeof(V1RoleBinding))]
[JsonSerializable(typeof(ResourceList<V1RoleBinding>))]
[JsonSerializable(typeof(V1ClusterRoleBinding))]
[JsonSerializable(typeof(ResourceList<V1ClusterRoleBinding>))]
[JsonSerializable(typeof(V1ClusterRole))]
[JsonSerializable(typeof(ResourceList<V1ClusterRole>))]
[JsonSerializable(typeof(V1Namespace))]
[JsonSerializable(typeof(ResourceList<V1Namespace>))]
[JsonSerializable(typeof(V1Lease))]
[JsonSerializable(typeof(ResourceList<V1Lease>))]
[JsonSerializable(typeof(V1Secret))]
[JsonSerializable(typeof(ResourceList<V1Secret>))]
[JsonSerializable(typeof(V1ConfigMap))]
[JsonSerializable(typeof(ResourceList<V1ConfigMap>))]
[JsonSerializable(typeof(Corev1Event))]
[JsonSerializable(typeof(ResourceList<Corev1Event>))]
[JsonSerializable(typeof(V1ValidatingAdmissionPolicy))]
[JsonSerializable(typeof(V1ValidatingAdmissionPolicyBinding))]
[JsonSerializable(typeof(ObjectHead))]
[JsonSerializable(typeof(V1TokenReview))]
[JsonSerializable(typeof(Authenticationv1TokenRequest))]
[JsonSerializable(typeof(V1DeleteOptions))]
[JsonSerializable(typeof(StatusBody))]
internal sealed partial class KubernetesJsonContext : JsonSerializerContext
{
    /// <summary>
    /// The options to use: as generated, without <c>managedFields</c>, which no code here reads, which are most of an
    /// object's bytes, and whose absence in an update means "unchanged".
    /// </summary>
    public static JsonSerializerOptions Lean => LeanOptions.Value;

    /// <summary>Metadata of one type under <see cref="Lean"/>.</summary>
    public static JsonTypeInfo<T> Type<T>() => (JsonTypeInfo<T>)Lean.GetTypeInfo(typeof(T));

    private static JsonSerializerOptions CreateLean()
    {
        var options = new JsonSerializerOptions(Default.Options)
        {
            TypeInfoResolver = Default.WithAddedModifier(LeaveOutManagedFields).WithAddedModifier(WriteMicroTimes),
        };
        options.MakeReadOnly();
        return options;
    }

    // A class of its own: the generated half's static fields may be set after this half's.
    private static class LeanOptions
    {
        public static readonly JsonSerializerOptions Value = CreateLean();
    }

    private static void LeaveOutManagedFields(JsonTypeInfo type)
    {
        if (type.Type == typeof(V1ObjectMeta) && type.Properties.FirstOrDefault(property => property.Name == "managedFields") is { } managedFields)
        {
            type.Properties.Remove(managedFields);
        }
    }

    private static void WriteMicroTimes(JsonTypeInfo type)
    {
        if (type.Type == typeof(V1LeaseSpec))
        {
            foreach (var property in type.Properties.Where(property => property.PropertyType == typeof(DateTime?)))
            {
                property.CustomConverter = new KubernetesMicroTimeConverter();
            }
        }
    }
}
