namespace TKA.Operator.Sessions.Leaving;

/// <summary>Cluster-wide names of <c>deploy/</c> that the leaving policy goes by. Tests on a shared cluster have others.</summary>
/// <param name="Policy">The policy and its binding, which the operator creates.</param>
/// <param name="Rights">ClusterRole and ClusterRoleBinding of the operator. The policy is removed with the latter.</param>
/// <param name="Bindings">The admission policy without which the operator does not lead.</param>
internal sealed record LeavingNames(string Policy = "tka-leaving", string Rights = "tka-operator", string Bindings = "tka-bindings")
{
    /// <summary>ServiceAccount, beside the operator's, that may create admission policies.</summary>
    public const string Account = "tka-guard";
}
