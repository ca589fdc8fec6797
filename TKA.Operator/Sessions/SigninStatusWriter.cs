using System.Text.Json;
using System.Text.Json.Nodes;
using TKA.Contracts;
using TKA.Contracts.Sessions;
using TKA.Kubernetes.Caching;
using TKA.Kubernetes.Client;
using TKA.Kubernetes.Sessions;
using TKA.Operator.Sessions.Access;

namespace TKA.Operator.Sessions;

/// <summary>Writes a TkaSignin's status, only when it says something new, and only on top of the version it was computed from.</summary>
internal sealed class SigninStatusWriter(ResourceClient<TkaSignin> signins, IResourceCache<TkaSignin> cache, ClusterTime time, ILogger<SigninStatusWriter> logger)
{
    /// <summary>Reports that access is in place.</summary>
    public Task<TkaSignin> ReadyAsync(TkaSignin signin, SessionWindow window, ProvisionedAccess access, CancellationToken cancellationToken)
    {
        var bound = signin.Namespaces().Except(access.MissingNamespaces, StringComparer.Ordinal).ToArray();
        var scope = bound.Length > 0 ? $"in {string.Join(", ", bound)}" : "cluster-wide";
        var missing = access.MissingNamespaces.Count > 0
            ? $"Not in {string.Join(", ", access.MissingNamespaces)}: no such namespace. The role is bound there when it appears."
            : null;
        return WriteAsync(
            signin,
            Status(signin, window) with
            {
                Provisioned = true,
                ServiceAccount = new SigninServiceAccount
                {
                    Name = access.Account.Metadata.Name,
                    Namespace = access.Account.Metadata.NamespaceProperty,
                    Uid = access.Account.Metadata.Uid,
                },
            },
            Conditions(signin, "True", ConditionReasons.Provisioned, $"{signin.Spec.Username} has role {signin.Spec.Role} {scope}.", window.SignInTimeInFuture, missing),
            cancellationToken);
    }

    /// <summary>Reports that there is no access, and why.</summary>
    public Task<TkaSignin> NotReadyAsync(TkaSignin signin, SessionWindow window, string reason, string message, CancellationToken cancellationToken) =>
        WriteAsync(signin, Status(signin, window), Conditions(signin, "False", reason, message, window.SignInTimeInFuture), cancellationToken);

    /// <summary>Reports a failure of setting up or revoking, leaving the rest of the status as it is. What failed first is what counts: if this fails too, it comes up again with the retry.</summary>
    public async Task TryFailedAsync(TkaSignin signin, string reason, string message, CancellationToken cancellationToken)
    {
        try
        {
            await WriteAsync(signin, signin.Status ?? new TkaSigninStatus(), Conditions(signin, "False", reason, message, signin.SignInTimeInFuture()), cancellationToken);
        }
        catch (KubernetesRequestException exception)
        {
            Log.StatusFailed(logger, signin.Metadata.Name, exception.Message);
        }
    }

    private static TkaSigninStatus Status(TkaSignin signin, SessionWindow window) => new()
    {
        Session = signin.IsBase() ? TkaSigninExtensions.BaseSession : signin.Spec.Role,
        SignedIn = UtcTimeConverter.ToText(window.Start),
        ValidUntil = UtcTimeConverter.ToText(window.End),
        ObservedGeneration = signin.Metadata.Generation,
    };

    private List<SigninCondition> Conditions(TkaSignin signin, string ready, string reason, string message, string? signInTimeInFuture, string? missingNamespaces = null)
    {
        List<SigninCondition> conditions =
        [
            .. (signin.Status?.Conditions ?? []).Where(other => other.Type is not (ConditionReasons.ReadyType or ConditionReasons.SignInTimeType or ConditionReasons.NamespacesType)),
            Condition(signin, ConditionReasons.ReadyType, ready, reason, message),
        ];
        if (signInTimeInFuture is not null)
        {
            conditions.Add(Condition(signin, ConditionReasons.SignInTimeType, "False", ConditionReasons.InFuture, signInTimeInFuture));
        }

        if (missingNamespaces is not null)
        {
            conditions.Add(Condition(signin, ConditionReasons.NamespacesType, "False", ConditionReasons.NamespaceNotFound, missingNamespaces));
        }

        return conditions;
    }

    private async Task<TkaSignin> WriteAsync(TkaSignin signin, TkaSigninStatus status, List<SigninCondition> conditions, CancellationToken cancellationToken)
    {
        // A status of an earlier version says nothing about the session's kind; that alone is no reason to write.
        if (signin.Status is { } current
            && current with { Conditions = null, Session = null } == status with { Conditions = null, Session = null }
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
