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
        Policies = new PolicyAdmission(store, registry);
        Admission = new AdmissionChain(
            [new NamespaceLifecycle(store), new RbacAdmission(new EscalationCheck(Authorizer, policy)), new PolicyValidation(), new ParameterAccess(Authorizer, registry, store)],
            [new NamespaceDeletionGuard(), new PodSecurity(store), Policies, new CustomResourceNames(store), new SecretTypeRefusal(), new PodQuota(store)]);
        CreateHandlers =
        [
            new TokenRequestHandler(tokens, store, time),
            new TokenReviewHandler(bearer),
            new SelfSubjectReviewHandler(time),
            .. SubjectAccessReviewHandler.All(Authorizer),
            new SelfSubjectRulesReviewHandler(Authorizer),
        ];
    }

    /// <summary>Finds the user of a request.</summary>
    public BearerTokenAuthenticator Authenticator { get; }

    /// <summary>Decides whether the user may make the request.</summary>
    public RbacAuthorizer Authorizer { get; }

    /// <summary>Completes and judges writes.</summary>
    public AdmissionChain Admission { get; }

    /// <summary>The ValidatingAdmissionPolicies, which also judge what is created and not stored.</summary>
    public IAdmissionPlugin Policies { get; }

    /// <summary>Create-only resources and subresources.</summary>
    public IReadOnlyList<CreateHandler> CreateHandlers { get; }
}
