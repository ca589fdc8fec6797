using TKA.DevEnvironment.Cluster.Authentication;

namespace TKA.DevEnvironment.Cluster.Admission;

/// <summary>
/// Puts admission in front of a resource that is only created: policies see a TokenRequest like any other write, else a policy
/// against minting tokens in a namespace would have no effect. Also refuses bodies of another type.
/// </summary>
/// <param name="inner">The resource.</param>
/// <param name="apiVersion">Of the body, which for the <c>token</c> subresource is not that of the path.</param>
/// <param name="admission">Asked before each creation.</param>
/// <param name="setDefaults">Fills in what clients may leave out, before policies look at it.</param>
internal sealed class AdmittedCreateHandler(
    CreateHandler inner, string apiVersion, IAdmissionPlugin admission, Action<JsonObject>? setDefaults = null)
    : CreateHandler(inner.Group, inner.Resource, inner.Kind, inner.Subresource, inner.Namespaced)
{
    public override ValueTask<JsonObject> CreateAsync(UserInfo user, RequestInfo request, JsonObject body, CancellationToken cancellationToken)
    {
        var (givenVersion, givenKind) = (body.Text("apiVersion"), body.Text("kind"));
        if ((givenVersion.Length > 0 && givenVersion != apiVersion) || (givenKind.Length > 0 && givenKind != Kind))
        {
            throw Statuses.BadRequest(
                $"{givenKind} in version {GoText.Quote(givenVersion)} cannot be handled as a {Kind}: no kind {GoText.Quote(givenKind)} is registered for version {GoText.Quote(givenVersion)} here");
        }

        body["spec"] ??= new JsonObject();
        setDefaults?.Invoke(body);
        admission.Admit(new AdmissionRequest(user, "CREATE", request, Kind, body, null, DryRun: false));
        return inner.CreateAsync(user, request, body, cancellationToken);
    }
}
