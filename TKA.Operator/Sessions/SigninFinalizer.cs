using System.Text.Json.Nodes;
using k8s.Models;
using TKA.Contracts.Sessions;
using TKA.Kubernetes.Caching;
using TKA.Kubernetes.Client;
using TKA.Kubernetes.Sessions;

namespace TKA.Operator.Sessions;

/// <summary>Puts the finalizer on TkaSignins and takes it off: the last step of a session, after everything it gave is gone.</summary>
internal sealed class SigninFinalizer(ResourceClient<TkaSignin> signins, IResourceCache<TkaSignin> cache)
{
    public static bool IsOn(V1ObjectMeta metadata) => metadata.Finalizers?.Contains(TkaSigninResource.Finalizer) == true;

    /// <summary>Adds the finalizer if it is missing, before anything is given.</summary>
    public async Task<TkaSignin> EnsureAsync(TkaSignin signin, CancellationToken cancellationToken)
    {
        if (IsOn(signin.Metadata))
        {
            return signin;
        }

        var patched = await PatchAsync(signin.Metadata, [.. signin.Metadata.Finalizers ?? [], TkaSigninResource.Finalizer], cancellationToken);
        cache.Observe(patched);
        return patched;
    }

    /// <summary>Deletes a TkaSignin, this very version of it: a person who signed in again meanwhile keeps it.</summary>
    public async Task DeleteAsync(TkaSignin signin, CancellationToken cancellationToken)
    {
        var result = await signins.DeleteObjectAsync(signin.Metadata.Name, signin.Metadata.Uid, cancellationToken, signin.Metadata.ResourceVersion);
        if (result.Remaining is { } remaining)
        {
            await ReleaseAsync(signin, remaining);
        }
        else
        {
            cache.ObserveDeleted(signin);
        }
    }

    /// <summary>Takes the finalizer off an object that is being deleted.</summary>
    /// <param name="signin">The object.</param>
    /// <param name="metadata">Its latest metadata.</param>
    /// <remarks>
    /// Not cancellable: everything the session gave is gone, and this says so. Cut off in the middle, the next leader would
    /// have to find that out again.
    /// </remarks>
    public async Task ReleaseAsync(TkaSignin signin, V1ObjectMeta metadata)
    {
        if (IsOn(metadata))
        {
            try
            {
                await PatchAsync(metadata, [.. metadata.Finalizers.Where(other => other != TkaSigninResource.Finalizer)], CancellationToken.None);
            }
            catch (KubernetesRequestException exception) when (exception.Error == KubernetesError.NotFound)
            {
                // Gone already.
            }
        }

        if (metadata.Finalizers is null || metadata.Finalizers.All(other => other == TkaSigninResource.Finalizer))
        {
            cache.ObserveDeleted(signin);
        }
    }

    private Task<TkaSignin> PatchAsync(V1ObjectMeta metadata, IEnumerable<string> finalizers, CancellationToken cancellationToken)
    {
        // With the resource version: finalizers of others that came meanwhile must not get lost.
        var patch = new JsonObject
        {
            ["metadata"] = new JsonObject
            {
                ["resourceVersion"] = metadata.ResourceVersion,
                ["finalizers"] = new JsonArray([.. finalizers.Select(finalizer => (JsonNode?)finalizer)]),
            },
        };
        return signins.MergePatchAsync(metadata.Name, patch, null, cancellationToken);
    }
}
