using TKA.DevEnvironment.Cluster.Authentication;
using TKA.DevEnvironment.Cluster.Http;

namespace TKA.DevEnvironment.Cluster.Authorization;

/// <summary>Whether a request is allowed, and the reason as RBAC words it.</summary>
internal readonly record struct AuthorizationDecision(bool Allowed, string Reason);

/// <summary>Decides requests. Denies what no rule allows.</summary>
internal interface IAuthorizer
{
    /// <summary>Decides one request; synchronous and from memory, it is on every request's path.</summary>
    AuthorizationDecision Authorize(UserInfo user, RequestInfo request);
}
