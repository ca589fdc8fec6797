namespace TKA.Operator.Sessions.Leaving;

/// <summary>Cluster-wide names of <c>deploy/</c> that the leaving policy goes by. Tests on a shared cluster have others.</summary>
/// <param name="Policy">The policy and its binding, which the operator creates.</param>
/// <param name="Rights">ClusterRole and ClusterRoleBinding of the operator. The policy is removed with the latter.</param>
internal sealed record LeavingNames(string Policy = "tka-leaving", string Rights = "tka-operator")
{
    /// <summary>ServiceAccount, beside the operator's, that may create admission policies.</summary>
    public const string Account = "tka-guard";
}
