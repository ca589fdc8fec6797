namespace TKA.DevEnvironment.Cluster.Authorization;

/// <summary>Whether a request is allowed, and the reason as RBAC words it.</summary>
internal readonly record struct AuthorizationDecision(bool Allowed, string Reason);
