using System.Text.Json.Nodes;
using TKA.DevEnvironment.Cluster.Authentication;
using TKA.DevEnvironment.Cluster.Http;

namespace TKA.DevEnvironment.Cluster.Registry;

/// <summary>
/// A resource or subresource that can only be created and is never stored: TokenReview, the SubjectAccessReview family,
/// SelfSubjectReview, and the <c>token</c> subresource of ServiceAccounts.
/// </summary>
internal interface ICreateHandler
{
    /// <summary>API group, empty for core.</summary>
    string Group { get; }

    /// <summary>Version, for example <c>v1</c>.</summary>
    string Version { get; }

    /// <summary>Plural resource.</summary>
    string Resource { get; }

    /// <summary>Subresource, or empty.</summary>
    string Subresource { get; }

    /// <summary>Kind of the body and of the answer.</summary>
    string Kind { get; }

    /// <summary>Whether the path has a namespace.</summary>
    bool Namespaced { get; }

    /// <summary>Answers one POST; throws <see cref="StatusException"/> to refuse.</summary>
    ValueTask<JsonObject> CreateAsync(UserInfo user, RequestInfo request, JsonObject body, CancellationToken cancellationToken);
}
