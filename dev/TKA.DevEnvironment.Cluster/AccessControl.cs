using TKA.DevEnvironment.Cluster.Admission;
using TKA.DevEnvironment.Cluster.Authentication;
using TKA.DevEnvironment.Cluster.Authorization;

namespace TKA.DevEnvironment.Cluster;

/// <summary>Authentication, authorization and admission of requests.</summary>
internal sealed class AccessControl
{
    /// <param name="store">Stored objects.</param>
    /// <param name="registry">Served resources, custom ones included.</param>
    /// <param name="time">The cluster's time.</param>
    /// <param name="adminToken">Bearer token of the administrator (<c>kubernetes-admin</c>, group <c>system:masters</c>).</param>
    public AccessControl(ObjectStore store, ResourceRegistry registry, TimeProvider time, string adminToken)
    {
        var tokens = new ServiceAccountTokens(store, time);
        var bearer = new BearerTokenAuthenticator(tokens, adminToken);
        var policy = new RbacPolicy();
        store.Observe(policy.Observe);
        Authorizer = new RbacAuthorizer(policy);
        Authenticator = bearer;
        var admissionPolicies = new PolicyAdmission(store, registry);
        Admission = new AdmissionChain(
            [new NamespaceLifecycle(store), new RbacAdmission(new EscalationCheck(Authorizer, policy)), new PolicyValidation()],
            [new NamespaceDeletionGuard(), new PodSecurity(store), admissionPolicies, new CustomResourceNames(store), new SecretTypeRefusal(), new PodQuota(store)]);
        CreateHandlers =
        [
            Admitted(new TokenRequestHandler(tokens, store, time), "authentication.k8s.io/v1", TokenRequestHandler.SetDefaults),
            Admitted(new TokenReviewHandler(bearer), "authentication.k8s.io/v1"),
            Admitted(new SelfSubjectReviewHandler(time), "authentication.k8s.io/v1"),
            .. SubjectAccessReviewHandler.All(Authorizer).Select(review => Admitted(review, "authorization.k8s.io/v1")),
            Admitted(new SelfSubjectRulesReviewHandler(Authorizer), "authorization.k8s.io/v1"),
        ];

        AdmittedCreateHandler Admitted(CreateHandler handler, string apiVersion, Action<System.Text.Json.Nodes.JsonObject>? setDefaults = null) =>
            new(handler, apiVersion, admissionPolicies, setDefaults);
    }

    /// <summary>Finds the user of a request.</summary>
    public BearerTokenAuthenticator Authenticator { get; }

    /// <summary>Decides whether the user may make the request.</summary>
    public RbacAuthorizer Authorizer { get; }

    /// <summary>Completes and judges writes.</summary>
    public AdmissionChain Admission { get; }

    /// <summary>Create-only resources and subresources.</summary>
    public IReadOnlyList<CreateHandler> CreateHandlers { get; }
}
