namespace TKA.DevEnvironment.Cluster.Authentication;

/// <summary>An authenticated user, as in Kubernetes' <c>authentication.k8s.io/v1 UserInfo</c>.</summary>
internal sealed record UserInfo(
    string Username,
    string Uid,
    IReadOnlyList<string> Groups,
    IReadOnlyDictionary<string, IReadOnlyList<string>> Extra);
