using TKA.DevEnvironment.Cluster.Admission;

namespace TKA.DevEnvironment.Cluster.Registry;

/// <summary>The admission plugins in order: the ones that may complete an object run before validation, the ones that only judge it after.</summary>
internal sealed class AdmissionChain(IReadOnlyList<IAdmissionPlugin> mutating, IReadOnlyList<IAdmissionPlugin> validating)
{
    /// <summary>Lets plugins complete or refuse the object.</summary>
    public void Mutate(AdmissionRequest request)
    {
        foreach (var plugin in mutating)
        {
            plugin.Admit(request);
        }
    }

    /// <summary>Lets plugins refuse the object as it would be stored.</summary>
    public void Validate(AdmissionRequest request)
    {
        foreach (var plugin in validating)
        {
            plugin.Admit(request);
        }
    }
}
