using System.Text.Json;
using System.Text.Json.Nodes;
using k8s.Models;
using TKA.Contracts;
using TKA.Contracts.Sessions;
using TKA.Kubernetes.Caching;
using TKA.Kubernetes.Client;
using TKA.Kubernetes.Signins;

namespace TKA.Operator.Sessions;

/// <summary>Writes a TkaSignin's status, only when it says something new, and only on top of the version it was computed from.</summary>
internal sealed class SigninStatusWriter(ResourceClient<TkaSignin> signins, IResourceCache<TkaSignin> cache, TimeProvider time)
{
    /// <summary>Reports that access is in place.</summary>
    public Task<TkaSignin> ReadyAsync(TkaSignin signin, SessionWindow window, V1ServiceAccount account, CancellationToken cancellationToken)
    {
        var scope = signin.Namespaces() is { Count: > 0 } namespaces ? $"in {string.Join(", ", namespaces)}" : "cluster-wide";
        return WriteAsync(
            signin,
            new TkaSigninStatus
            {
                Provisioned = true,
                SignedIn = UtcTimeConverter.ToText(window.Start),
                ValidUntil = UtcTimeConverter.ToText(window.End),
                ObservedGeneration = signin.Metadata.Generation,
                ServiceAccount = new SigninServiceAccount
                {
                    Name = account.Metadata.Name,
                    Namespace = account.Metadata.NamespaceProperty,
                    Uid = account.Metadata.Uid,
                },
            },
            "True",
            ConditionReasons.Provisioned,
            $"{signin.Spec.Username} has role {signin.Spec.Role} {scope}.",
            cancellationToken);
    }

    /// <summary>Reports that there is no access, and why.</summary>
    public Task<TkaSignin> NotReadyAsync(TkaSignin signin, SessionWindow window, string reason, string message, CancellationToken cancellationToken) =>
        WriteAsync(
            signin,
            new TkaSigninStatus
            {
                Provisioned = false,
                SignedIn = UtcTimeConverter.ToText(window.Start),
                ValidUntil = UtcTimeConverter.ToText(window.End),
                ObservedGeneration = signin.Metadata.Generation,
            },
            "False",
            reason,
            message,
            cancellationToken);

    /// <summary>Reports a failure of setting up or taking away, leaving the rest of the status as it is.</summary>
    public Task<TkaSignin> FailedAsync(TkaSignin signin, string reason, string message, CancellationToken cancellationToken) =>
        WriteAsync(signin, signin.Status ?? new TkaSigninStatus(), "False", reason, message, cancellationToken);

    private async Task<TkaSignin> WriteAsync(
        TkaSignin signin, TkaSigninStatus status, string ready, string reason, string message, CancellationToken cancellationToken)
    {
        var before = signin.ReadyCondition();
        var condition = new SigninCondition
        {
            Type = ConditionReasons.ReadyType,
            Status = ready,
            Reason = reason,
            Message = message,
            LastTransitionTime = before?.Status == ready ? before.LastTransitionTime : UtcTimeConverter.ToText(time.GetUtcNow()),
            ObservedGeneration = signin.Metadata.Generation,
        };
        if (before == condition && signin.Status is { } current && current with { Conditions = null } == status with { Conditions = null })
        {
            return signin;
        }

        SigninCondition[] conditions = [.. (signin.Status?.Conditions ?? []).Where(other => other.Type != ConditionReasons.ReadyType), condition];
        var json = JsonSerializer.SerializeToNode(status with { Conditions = conditions }, ContractsJsonContext.Default.TkaSigninStatus)!.AsObject();

        // A merge patch leaves alone what it does not mention.
        foreach (var field in new[] { "signed_in", "valid_until", "serviceAccount" })
        {
            json.TryAdd(field, null);
        }

        var patch = new JsonObject
        {
            ["metadata"] = new JsonObject { ["resourceVersion"] = signin.Metadata.ResourceVersion },
            ["status"] = json,
        };
        var written = await signins.MergePatchAsync(signin.Metadata.Name, patch, "status", cancellationToken);
        cache.Observe(written);
        return written;
    }
}
