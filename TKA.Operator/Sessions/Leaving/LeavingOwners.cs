using System.Text.Json.Nodes;
using Microsoft.Extensions.Options;
using TKA.Contracts.Sessions;
using TKA.Kubernetes.Client;
using TKA.Operator.Options;

namespace TKA.Operator.Sessions.Leaving;

/// <summary>
/// Lets the rest go by itself when <c>kubectl delete -k</c> was refused for what the <see cref="LeavingPolicy"/> keeps. The objects that such
/// a command deletes all the same own those that it was refused: once none of the owners exists any more, the cluster's garbage collector
/// deletes the operator's namespace and rights. One of the owners is the CRD, which exists until the last session has ended.
/// </summary>
/// <remarks>
/// Only where the operator's namespace is part of the installation, as with kustomize. <c>helm install</c> puts TKA into a namespace
/// that may hold other things, and <c>helm uninstall</c> ends the sessions first.
/// </remarks>
internal sealed class LeavingOwners(KubernetesTransport transport, LeavingNames names, IOptions<OperatorOptions> options)
{
    private static readonly ResourceType<ObjectHead> Namespaces = new("", "v1", "namespaces", "Namespace");
    private static readonly ResourceType<ObjectHead> Definitions = new("apiextensions.k8s.io", "v1", "customresourcedefinitions", "CustomResourceDefinition");
    private static readonly ResourceType<ObjectHead> Policies = new("admissionregistration.k8s.io", "v1", "validatingadmissionpolicies", "ValidatingAdmissionPolicy");
    private static readonly ResourceType<ObjectHead> Roles = new("rbac.authorization.k8s.io", "v1", "clusterroles", "ClusterRole");
    private static readonly ResourceType<ObjectHead> Bindings = new("rbac.authorization.k8s.io", "v1", "clusterrolebindings", "ClusterRoleBinding");

    /// <summary>Sets the owners.</summary>
    /// <param name="guard">As ServiceAccount <c>tka-guard</c>.</param>
    /// <param name="cancellationToken">Cancels the requests.</param>
    /// <exception cref="KubernetesRequestException">A request failed.</exception>
    public async Task SetAsync(KubernetesTransport guard, CancellationToken cancellationToken)
    {
        var system = (await new ResourceClient<ObjectHead>(transport, Namespaces).GetAsync(options.Value.SystemNamespace, cancellationToken)).Metadata;
        if (system.Labels?.TryGetValue("app.kubernetes.io/part-of", out var part) != true || part != "tka" || system.OwnerReferences is { Count: > 0 })
        {
            return;
        }

        // Each of them may be deleted and created anew while TKA is in use; all of them at once are deleted only with TKA.
        JsonNode[] owners =
        [
            await OwnerAsync(transport, Namespaces, options.Value.Namespace, cancellationToken),
            await OwnerAsync(guard, Definitions, $"{TkaSigninResource.Plural}.{TkaSigninResource.Group}", cancellationToken),
            await OwnerAsync(guard, Policies, names.Bindings, cancellationToken),
        ];
        foreach (var (type, name) in ((ResourceType<ObjectHead>, string)[])[(Roles, names.Rights), (Bindings, names.Rights), (Namespaces, system.Name)])
        {
            var patch = new JsonObject { ["metadata"] = new JsonObject { ["ownerReferences"] = new JsonArray([.. owners.Select(owner => owner.DeepClone())]) } };
            await new ResourceClient<ObjectHead>(guard, type).MergePatchAsync(name, patch, null, cancellationToken);
        }
    }

    private static async Task<JsonNode> OwnerAsync(KubernetesTransport transport, ResourceType<ObjectHead> type, string name, CancellationToken cancellationToken)
    {
        var owner = await new ResourceClient<ObjectHead>(transport, type).GetAsync(name, cancellationToken);
        return new JsonObject { ["apiVersion"] = type.ApiVersion, ["kind"] = type.Kind, ["name"] = name, ["uid"] = owner.Metadata.Uid };
    }
}
