using TKA.Contracts;
using TKA.Contracts.Sessions;

namespace TKA.Kubernetes.Sessions;

/// <summary>What a <see cref="TkaSignin"/> says, also when fields are missing or malformed. Its time is <see cref="SessionWindow"/>'s.</summary>
public static class TkaSigninExtensions
{
    /// <summary>Value of the printer column for the base session.</summary>
    public const string BaseSession = "base";

    /// <summary>The state of a session. <see cref="SessionState.Over"/> for none.</summary>
    /// <param name="signin">The session; <see langword="null"/>: there is none.</param>
    /// <param name="now">The cluster's time.</param>
    public static SessionState StateAt(this TkaSignin? signin, DateTimeOffset now)
    {
        if (signin is null || signin.Metadata.DeletionTimestamp is not null || SessionWindow.Of(signin, now).IsOver(now))
        {
            return SessionState.Over;
        }

        return signin.IsRejected() ? SessionState.Rejected
            : signin.IsReady() && signin.ReflectsLatestSignIn() ? SessionState.Ready
            : SessionState.Pending;
    }

    /// <summary>Person and role.</summary>
    public static SessionKey Key(this TkaSignin signin)
    {
        ArgumentNullException.ThrowIfNull(signin);
        return SessionKey.For(signin.Spec.Username, signin.Spec.Role);
    }

    /// <summary>Whether this is the person's base session.</summary>
    public static bool IsBase(this TkaSignin signin)
    {
        ArgumentNullException.ThrowIfNull(signin);
        return SessionNames.IsBase(signin.Metadata.Name);
    }

    /// <summary>Whether a session is a person's, compared as names are made: without regard to case.</summary>
    public static bool IsOwnedBy(this TkaSignin signin, string loginName)
    {
        ArgumentNullException.ThrowIfNull(signin);
        ArgumentNullException.ThrowIfNull(loginName);
        return string.Equals(signin.Spec.Username.ToLowerInvariant(), loginName.ToLowerInvariant(), StringComparison.Ordinal);
    }

    /// <summary>The <c>Ready</c> condition, if the operator has written one.</summary>
    public static SigninCondition? ReadyCondition(this TkaSignin signin)
    {
        ArgumentNullException.ThrowIfNull(signin);
        return signin.Status?.Conditions?.FirstOrDefault(condition => condition.Type == ConditionReasons.ReadyType);
    }

    /// <summary>
    /// Whether access as described by the current spec is in place: <c>Ready</c> is <c>True</c> and speaks of this
    /// generation, and the object is not being deleted. Says nothing about the time; use <see cref="StateAt"/> for that.
    /// </summary>
    public static bool IsReady(this TkaSignin signin)
    {
        ArgumentNullException.ThrowIfNull(signin);
        return signin.Metadata.DeletionTimestamp is null
            && signin.Status is { Provisioned: true, ServiceAccount.Uid.Length: > 0 } status
            && status.ObservedGeneration == signin.Metadata.Generation
            && signin.ReadyCondition()?.Status == "True";
    }

    /// <summary>Whether the operator has refused the current spec and the latest sign-in.</summary>
    public static bool IsRejected(this TkaSignin signin)
    {
        ArgumentNullException.ThrowIfNull(signin);
        return signin.IsSettled() && signin.ReadyCondition() is { Status: "False" } condition && ConditionReasons.IsRejection(condition.Reason);
    }

    /// <summary>Whether the status speaks of the current spec and the latest sign-in, and not of those before.</summary>
    public static bool IsSettled(this TkaSignin signin)
    {
        ArgumentNullException.ThrowIfNull(signin);
        return signin.Status is { } status && status.ObservedGeneration == signin.Metadata.Generation && signin.ReflectsLatestSignIn();
    }

    /// <summary>When the session ends according to the operator; <see langword="null"/> until it has said so. For records; <see cref="SessionWindow"/> decides.</summary>
    public static DateTimeOffset? ValidUntil(this TkaSignin signin)
    {
        ArgumentNullException.ThrowIfNull(signin);
        return UtcTimeConverter.TryParse(signin.Status?.ValidUntil, out var until) ? until : null;
    }

    /// <summary>When the person last asked to sign in, from the annotation the API writes.</summary>
    public static DateTimeOffset? LastAttemptedSignIn(this TkaSignin signin)
    {
        ArgumentNullException.ThrowIfNull(signin);
        return signin.Annotation(TkaAnnotations.LastAttemptedSignIn) is { } text && UtcTimeConverter.TryParse(text, out var at) ? at : null;
    }

    /// <summary>Whether the status already counts from the latest sign-in: after a renewal it speaks of the older one for a moment.</summary>
    public static bool ReflectsLatestSignIn(this TkaSignin signin)
    {
        ArgumentNullException.ThrowIfNull(signin);

        // The status has whole seconds.
        return signin.LastAttemptedSignIn() is not { } asked
            || signin.SignInTimeInFuture() == signin.Metadata.Annotations[TkaAnnotations.LastAttemptedSignIn]
            || (UtcTimeConverter.TryParse(signin.Status?.SignedIn, out var counted) && counted > asked.AddSeconds(-1));
    }

    /// <summary>The sign-in time that was too far in the future, so that the operator counted from its own clock instead; <see langword="null"/>: it was not.</summary>
    public static string? SignInTimeInFuture(this TkaSignin signin)
    {
        ArgumentNullException.ThrowIfNull(signin);
        return signin.Status?.Conditions?.FirstOrDefault(condition => condition.Type == ConditionReasons.SignInTimeType)?.Message;
    }

    /// <summary>For people: which namespaces of the grant do not exist; <see langword="null"/>: all do.</summary>
    public static string? MissingNamespaces(this TkaSignin signin)
    {
        ArgumentNullException.ThrowIfNull(signin);
        return signin.Status?.Conditions?.FirstOrDefault(condition => condition.Type == ConditionReasons.NamespacesType)?.Message;
    }

    /// <summary>Whether a session follows the grant of this device. One without a device, which the API never makes, follows any.</summary>
    /// <param name="signin">The session.</param>
    /// <param name="stableId">Tailscale's StableID of the device.</param>
    public static bool IsOfDevice(this TkaSignin signin, string stableId)
    {
        ArgumentNullException.ThrowIfNull(signin);
        return signin.Spec.Node?.StableId is not { Length: > 0 } own || own == stableId;
    }

    /// <summary>Whether the API of this installation started the session. A session without an installation, of an earlier version, belongs to every installation.</summary>
    /// <param name="signin">The session.</param>
    /// <param name="installation">Id of the installation; empty: it has none.</param>
    public static bool IsOfInstallation(this TkaSignin signin, string installation) =>
        signin.Annotation(TkaAnnotations.Installation) is not { Length: > 0 } own || own == installation;

    /// <summary>The namespaces the role is bound in; empty: cluster-wide.</summary>
    public static IReadOnlyList<string> Namespaces(this TkaSignin signin)
    {
        ArgumentNullException.ThrowIfNull(signin);
        return signin.Spec.Namespaces ?? [];
    }

    private static string? Annotation(this TkaSignin signin, string name)
    {
        ArgumentNullException.ThrowIfNull(signin);
        return signin.Metadata.Annotations is { } annotations && annotations.TryGetValue(name, out var value) ? value : null;
    }
}
