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

    /// <summary>API group of the kind, which for a subresource is not that of the path.</summary>
    public virtual string KindGroup => group;

    /// <summary>Whether the path has a namespace.</summary>
    public bool Namespaced => namespaced;

    /// <summary>Fills in what clients may leave out, before admission policies look at the body.</summary>
    public virtual void SetDefaults(JsonObject body)
    {
    }

    /// <summary>Answers one POST.</summary>
    /// <exception cref="StatusException">The request is refused.</exception>
    public abstract JsonObject Create(UserInfo user, RequestInfo request, JsonObject body);

    /// <summary>The answer: an object of the kind.</summary>
    protected JsonObject Answer(JsonNode? spec, JsonObject status, JsonObject? metadata = null)
    {
        var answer = new JsonObject
        {
            ["kind"] = kind,
            ["apiVersion"] = $"{KindGroup}/v1",
            ["metadata"] = metadata ?? new JsonObject { ["creationTimestamp"] = null },
        };
        if (spec is not null)
        {
            answer["spec"] = spec.DeepClone();
        }

        return answer.With("status", status);
    }
}
