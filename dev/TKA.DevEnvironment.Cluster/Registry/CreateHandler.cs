using TKA.DevEnvironment.Cluster.Authentication;

namespace TKA.DevEnvironment.Cluster.Registry;

/// <summary>
/// A resource or subresource that can only be created and is never stored: TokenReview, the SubjectAccessReview family,
/// SelfSubjectReview, and the <c>token</c> subresource of ServiceAccounts.
/// </summary>
internal abstract class CreateHandler(string group, string resource, string kind, string subresource = "", bool namespaced = false)
{
    /// <summary>API group, empty for core.</summary>
    public string Group => group;

    /// <summary>Version in the path.</summary>
    public string Version => "v1";

    /// <summary>Plural resource.</summary>
    public string Resource => resource;

    /// <summary>Subresource, or empty.</summary>
    public string Subresource => subresource;

    /// <summary>Kind of the body and of the answer.</summary>
    public string Kind => kind;

    /// <summary>Whether the path has a namespace.</summary>
    public bool Namespaced => namespaced;

    /// <summary>Answers one POST.</summary>
    /// <exception cref="StatusException">The request is refused.</exception>
    public abstract ValueTask<JsonObject> CreateAsync(UserInfo user, RequestInfo request, JsonObject body, CancellationToken cancellationToken);
}
