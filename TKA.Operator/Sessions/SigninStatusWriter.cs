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
internal sealed class SigninStatusWriter(ResourceClient<TkaSignin> signins, IResourceCache<TkaSignin> cache, ClusterTime time)
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
            window.Disbelieved,
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
            window.Disbelieved,
            cancellationToken);

    /// <summary>Reports a failure of setting up or taking away, leaving the rest of the status as it is.</summary>
    public Task<TkaSignin> FailedAsync(TkaSignin signin, string reason, string message, CancellationToken cancellationToken) =>
        WriteAsync(signin, signin.Status ?? new TkaSigninStatus(), "False", reason, message, signin.DisbelievedSignIn(), cancellationToken);

    private async Task<TkaSignin> WriteAsync(
        TkaSignin signin, TkaSigninStatus status, string ready, string reason, string message, string? disbelieved, CancellationToken cancellationToken)
    {
        var conditions = (signin.Status?.Conditions ?? [])
            .Where(other => other.Type is not (ConditionReasons.ReadyType or ConditionReasons.SignInTimeType))
            .Append(Condition(signin, ConditionReasons.ReadyType, ready, reason, message))
            .ToList();
        if (disbelieved is not null)
        {
            conditions.Add(Condition(signin, ConditionReasons.SignInTimeType, "False", ConditionReasons.InFuture, disbelieved));
        }

        if (signin.Status is { } current
            && current with { Conditions = null } == status with { Conditions = null }
            && current.Conditions is { } written && written.Count == conditions.Count && conditions.All(written.Contains))
        {
            return signin;
        }

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
        var patched = await signins.MergePatchAsync(signin.Metadata.Name, patch, "status", cancellationToken);
        cache.Observe(patched);
        return patched;
    }

    private SigninCondition Condition(TkaSignin signin, string type, string value, string reason, string message)
    {
        var before = signin.Status?.Conditions?.FirstOrDefault(other => other.Type == type);
        return new SigninCondition
        {
            Type = type,
            Status = value,
            Reason = reason,
            Message = message,
            LastTransitionTime = before?.Status == value ? before.LastTransitionTime : UtcTimeConverter.ToText(time.GetUtcNow()),
            ObservedGeneration = signin.Metadata.Generation,
        };
    }
}
