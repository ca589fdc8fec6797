using TKA.Operator.Sessions.Leaving;
using TKA.Tests.Infrastructure;

namespace TKA.Tests.Operator.Infrastructure;

/// <summary>Cluster-wide names that an operator goes by in a test's installation.</summary>
internal static class OperatorNames
{
    /// <summary>Names of the leaving policy and of the rights that it goes with.</summary>
    public static LeavingNames LeavingNames(this InstalledTka tka) =>
        new(tka.ClusterName("tka-leaving"), tka.ClusterName("tka-operator"), tka.ClusterName("tka-bindings"));
}
