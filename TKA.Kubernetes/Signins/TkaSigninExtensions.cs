using TKA.Contracts;
using TKA.Contracts.Sessions;

namespace TKA.Kubernetes.Signins;

/// <summary>Reading a <see cref="TkaSignin"/> without tripping over what is missing or malformed.</summary>
public static class TkaSigninExtensions
{
    /// <summary>The <c>Ready</c> condition, if the operator has written one.</summary>
    public static SigninCondition? ReadyCondition(this TkaSignin signin)
    {
        ArgumentNullException.ThrowIfNull(signin);
        return signin.Status?.Conditions?.FirstOrDefault(condition => condition.Type == ConditionReasons.ReadyType);
    }

    /// <summary>
    /// Whether access as described by the current spec is in place: <c>Ready</c> is <c>True</c> and speaks of this
    /// generation, and the object is not being deleted. Says nothing about the time; compare <see cref="ValidUntil"/> too.
    /// </summary>
    public static bool IsReady(this TkaSignin signin)
    {
        ArgumentNullException.ThrowIfNull(signin);
        return signin.Metadata.DeletionTimestamp is null
            && signin.Status is { Provisioned: true, ServiceAccount.Uid.Length: > 0 } status
            && status.ObservedGeneration == signin.Metadata.Generation
            && signin.ReadyCondition()?.Status == "True";
    }

    /// <summary>When the session ends according to the operator; <see langword="null"/> until it has said so.</summary>
    public static DateTimeOffset? ValidUntil(this TkaSignin signin)
    {
        ArgumentNullException.ThrowIfNull(signin);
        return UtcTimeConverter.TryParse(signin.Status?.ValidUntil, out var until) ? until : null;
    }

    /// <summary>When the person last asked to sign in, from the annotation the API writes.</summary>
    public static DateTimeOffset? LastAttemptedSignIn(this TkaSignin signin)
    {
        ArgumentNullException.ThrowIfNull(signin);
        return signin.Metadata.Annotations is { } annotations
            && annotations.TryGetValue(TkaAnnotations.LastAttemptedSignIn, out var text)
            && UtcTimeConverter.TryParse(text, out var at) ? at : null;
    }

    /// <summary>Whether the status already counts from the latest sign-in: after a renewal it speaks of the older one for a moment.</summary>
    public static bool ReflectsLatestSignIn(this TkaSignin signin)
    {
        ArgumentNullException.ThrowIfNull(signin);
        return signin.LastAttemptedSignIn() is not { } asked
            || signin.DisbelievedSignIn() == signin.Metadata.Annotations[TkaAnnotations.LastAttemptedSignIn]
            || (UtcTimeConverter.TryParse(signin.Status?.SignedIn, out var honoured) && honoured >= asked.AddSeconds(-1));
    }

    /// <summary>The sign-in time the operator did not believe and counted from its own clock instead; <see langword="null"/>: it believed the last one.</summary>
    public static string? DisbelievedSignIn(this TkaSignin signin)
    {
        ArgumentNullException.ThrowIfNull(signin);
        return signin.Status?.Conditions?.FirstOrDefault(condition => condition.Type == ConditionReasons.SignInTimeType)?.Message;
    }

    /// <summary>The namespaces the role is bound in; empty: cluster-wide.</summary>
    public static IReadOnlyList<string> Namespaces(this TkaSignin signin)
    {
        ArgumentNullException.ThrowIfNull(signin);
        return signin.Spec.Namespaces ?? [];
    }
}
