using System.Text.Json.Nodes;
using TKA.DevEnvironment.Cluster.Admission;
using TKA.DevEnvironment.Cluster.Authentication;
using TKA.DevEnvironment.Cluster.Authorization;
using TKA.DevEnvironment.Cluster.Http;
using TKA.DevEnvironment.Cluster.OpenApi;
using TKA.DevEnvironment.Cluster.Registry;
using TKA.DevEnvironment.Cluster.Storage;

namespace TKA.DevEnvironment.Cluster;

/// <summary>What the parts of the server are made from.</summary>
/// <param name="Objects">Stored objects.</param>
/// <param name="Observe">Registers an observer of every write, in order; see <see cref="ObjectStore.Observe"/>.</param>
/// <param name="Registry">Served resources, custom ones included; discovery and OpenAPI follow it.</param>
/// <param name="Time">The cluster's time.</param>
/// <param name="CaPem">The cluster's CA certificate.</param>
/// <param name="AdminToken">Bearer token of the administrator (<c>kubernetes-admin</c>, group <c>system:masters</c>).</param>
internal sealed record ClusterContext(
    IObjectReader Objects,
    Action<Action<GroupResource, ObjectEvent>> Observe,
    ResourceRegistry Registry,
    TimeProvider Time,
    string CaPem,
    string AdminToken);

/// <summary>Everything that the request pipeline needs besides storage. Made by <see cref="Create"/>.</summary>
internal sealed class ClusterParts
{
    /// <summary>Asked in order; the first that knows the caller decides.</summary>
    public required IReadOnlyList<IAuthenticator> Authenticators { get; init; }

    /// <summary>Decides every request.</summary>
    public required IAuthorizer Authorizer { get; init; }

    /// <summary>Plugins that may complete an object; they run before validation.</summary>
    public required IReadOnlyList<IAdmissionPlugin> MutatingAdmission { get; init; }

    /// <summary>Plugins that only judge; they run after validation, and on deletions.</summary>
    public required IReadOnlyList<IAdmissionPlugin> ValidatingAdmission { get; init; }

    /// <summary>Create-only resources and subresources.</summary>
    public required IReadOnlyList<CreateHandler> CreateHandlers { get; init; }

    /// <summary>Objects that exist from the start, such as the bootstrap ClusterRoles; stored as they are, without admission.</summary>
    public required IReadOnlyList<JsonObject> BootstrapObjects { get; init; }

    /// <summary>Paths beside the resource API, such as <c>/openapi</c>.</summary>
    public required IReadOnlyList<NonResourceEndpoint> Endpoints { get; init; }

    /// <summary>Puts the parts together.</summary>
    public static ClusterParts Create(ClusterContext context)
    {
        var tokens = new ServiceAccountTokens(context.Objects, context.Time);
        var bearer = new BearerTokenAuthenticator(tokens, context.AdminToken);
        var policy = new RbacPolicy();
        context.Observe(policy.Observe);
        var authorizer = new RbacAuthorizer(policy);
        var admissionPolicies = new PolicyAdmission(context.Objects, context.Registry);
        return new ClusterParts
        {
            Authenticators = [new ImpersonatingAuthenticator(bearer, new Impersonation(authorizer))],
            Authorizer = authorizer,
            MutatingAdmission = [new ServiceAccountAdmission(context.Objects), new RbacAdmission(new EscalationCheck(authorizer, policy)), new PolicyValidation()],
            ValidatingAdmission = [new PodSecurity(context.Objects), admissionPolicies, new TokenSecretRefusal(), new ObjectQuota(context.Objects)],
            CreateHandlers =
            [
                Admitted(new TokenRequestHandler(tokens, context.Objects, context.Time), "authentication.k8s.io/v1", TokenRequestHandler.SetDefaults),
                Admitted(new TokenReviewHandler(bearer), "authentication.k8s.io/v1"),
                Admitted(new SelfSubjectReviewHandler(context.Time), "authentication.k8s.io/v1"),
                .. SubjectAccessReviewHandler.All(authorizer).Select(review => Admitted(review, "authorization.k8s.io/v1")),
                Admitted(new SelfSubjectRulesReviewHandler(authorizer), "authorization.k8s.io/v1"),
            ],
            BootstrapObjects = BootstrapPolicy.Objects(),
            Endpoints =
            [
                new NonResourceEndpoint(OpenApiEndpoint.PathPrefix, new OpenApiEndpoint(new OpenApiDocuments(context.Registry)).HandleAsync),
            ],
        };

        AdmittedCreateHandler Admitted(CreateHandler handler, string apiVersion, Action<JsonObject>? setDefaults = null) =>
            new(handler, apiVersion, admissionPolicies, setDefaults);
    }
}
