namespace TKA.DevEnvironment.Stack;

/// <summary>What a kubelet asks a cluster for on behalf of TKA's Pods, all in <see cref="Namespace"/>.</summary>
internal interface IPodSource
{
    /// <summary>Namespace of TKA's Pods.</summary>
    const string Namespace = "tka-system";

    /// <summary>ConfigMap with the CA of the operator's token service, under <c>ca.crt</c>.</summary>
    const string OperatorCa = "tka-operator-ca";

    /// <summary>How long tokens last, in seconds.</summary>
    const int TokenLifetime = 3600;

    /// <summary>A new token of a ServiceAccount, for the Kubernetes API unless an audience is named.</summary>
    /// <exception cref="StackException">The cluster refused.</exception>
    Task<string> IssueTokenAsync(string account, string? audience, CancellationToken cancellationToken);

    /// <summary>A watch: the CA in <see cref="OperatorCa"/>, PEM, as it is and at each change, until the server ends the watch.</summary>
    IAsyncEnumerable<string> FollowOperatorCaAsync(CancellationToken cancellationToken);
}
