using k8s.Models;
using TKA.Contracts;
using TKA.Contracts.Sessions;
using TKA.Kubernetes.Sessions;

namespace TKA.Tests.Kubernetes;

/// <summary>TkaSignins as API and operator write them, for tests of the session model.</summary>
internal static class Signins
{
    private const long Generation = 7;

    public static DateTimeOffset Now { get; } = new(2026, 11, 30, 8, 0, 0, TimeSpan.Zero);

    public static string Text(DateTimeOffset at) => UtcTimeConverter.ToText(at);

    public static TkaSignin Signin(
        DateTimeOffset? asked = null, string period = "30m", DateTimeOffset? created = null, TkaSigninStatus? status = null, IReadOnlyList<SigninCondition>? conditions = null) => new()
        {
            Metadata = new V1ObjectMeta
            {
                Name = SessionNames.ForLogin("alice@example.com"),
                Generation = Generation,
                CreationTimestamp = created?.UtcDateTime,
                Annotations = asked is { } at ? new Dictionary<string, string> { [TkaAnnotations.LastAttemptedSignIn] = Text(at) } : null,
            },
            Spec = new TkaSigninSpec { Username = "alice@example.com", Role = "view", ValidityPeriod = period },
            Status = conditions is null ? status : (status ?? new TkaSigninStatus()) with { Conditions = conditions },
        };

    /// <summary>A session that may be used at <see cref="Now"/>, or one that lacks something.</summary>
    public static TkaSignin Ready(Func<TkaSigninStatus, TkaSigninStatus>? change = null)
    {
        var status = Status(Now) with
        {
            Provisioned = true,
            ServiceAccount = new SigninServiceAccount { Name = "a", Namespace = "b", Uid = "u" },
            Conditions = [Condition("True", ConditionReasons.Provisioned)],
        };
        return Signin(asked: Now, status: change is null ? status : change(status));
    }

    public static TkaSigninStatus Status(DateTimeOffset signedIn) => new() { SignedIn = Text(signedIn), ObservedGeneration = Generation };

    public static IReadOnlyList<SigninCondition> Refusal(DateTimeOffset at) => [Condition("False", ConditionReasons.RoleNotAllowed) with { LastTransitionTime = Text(at) }];

    /// <summary>The operator has noted that this sign-in time was too far ahead.</summary>
    public static IReadOnlyList<SigninCondition> Future(DateTimeOffset asked) =>
        [Condition("False", ConditionReasons.InFuture) with { Type = ConditionReasons.SignInTimeType, Message = Text(asked) }];

    public static SigninCondition Condition(string status, string reason) => new()
    {
        Type = ConditionReasons.ReadyType,
        Status = status,
        Reason = reason,
        Message = reason,
        LastTransitionTime = Text(Now),
        ObservedGeneration = Generation,
    };
}
