using TKA.Contracts.Sessions;
using TKA.Kubernetes.Sessions;
using Xunit;
using static TKA.Tests.Kubernetes.Signins;

namespace TKA.Tests.Kubernetes;

/// <summary>What a TkaSignin means at a moment, also with fields missing.</summary>
public sealed class SessionStateTests
{
    [Fact]
    public void A_session_that_is_provisioned_for_this_spec_and_sign_in_is_ready() =>
        Assert.Equal(SessionState.Ready, Ready().StateAt(Now));

    public static TheoryData<string, TkaSignin> NotReady => new()
    {
        { "no status", Signin(asked: Now) },
        { "not provisioned", Ready(status => status with { Provisioned = false }) },
        { "no ServiceAccount", Ready(status => status with { ServiceAccount = null }) },
        { "a ServiceAccount without uid", Ready(status => status with { ServiceAccount = new SigninServiceAccount { Name = "a", Namespace = "b", Uid = "" } }) },
        { "of an earlier spec", Ready(status => status with { ObservedGeneration = 6 }) },
        { "of an earlier sign-in", Ready(status => status with { SignedIn = Text(Now.AddSeconds(-1)) }) },
        { "no condition", Ready(status => status with { Conditions = null }) },
        { "a failure that is repeated", Ready(status => status with { Conditions = [Condition("False", ConditionReasons.Failed)] }) },
        { "a refusal of an earlier spec", Ready(status => status with { ObservedGeneration = 6, Conditions = Refusal(Now) }) },
        { "a refusal of an earlier sign-in", Ready(status => status with { SignedIn = Text(Now.AddMinutes(-5)), Conditions = Refusal(Now) }) },
    };

    [Theory, MemberData(nameof(NotReady), DisableDiscoveryEnumeration = true)]
    public void Anything_less_is_pending(string why, TkaSignin signin) =>
        Assert.True(signin.StateAt(Now) == SessionState.Pending, why);

    [Fact]
    public void A_status_in_whole_seconds_reflects_the_sign_in_of_the_same_second()
    {
        var signin = Ready();
        signin.Metadata.Annotations[TkaAnnotations.LastAttemptedSignIn] = Text(Now.AddMilliseconds(900));

        Assert.Equal(SessionState.Ready, signin.StateAt(Now.AddSeconds(1)));
    }

    [Fact]
    public void A_sign_in_in_the_future_that_was_told_is_reflected()
    {
        var asked = Now.AddHours(2);
        var signin = Ready(status => status with { Conditions = [.. status.Conditions!, .. Future(asked)] });
        signin.Metadata.Annotations[TkaAnnotations.LastAttemptedSignIn] = Text(asked);

        Assert.Equal(SessionState.Ready, signin.StateAt(Now));
        Assert.Equal(Text(asked), signin.SignInTimeInFuture());
    }

    [Fact]
    public void A_session_of_an_earlier_version_without_a_sign_in_time_is_ready_too()
    {
        var signin = Ready();
        signin.Metadata.Annotations = null;

        Assert.Equal(SessionState.Ready, signin.StateAt(Now));
    }

    [Fact]
    public void A_refusal_of_this_spec_and_sign_in_is_one()
    {
        var signin = Ready(status => status with { Conditions = Refusal(Now) });

        Assert.Equal(SessionState.Rejected, signin.StateAt(Now));
        Assert.False(signin.IsReady());
    }

    [Fact]
    public void A_session_is_over_when_it_is_absent_being_deleted_or_past_its_end()
    {
        var deleted = Ready();
        deleted.Metadata.DeletionTimestamp = Now.UtcDateTime;

        Assert.Equal(SessionState.Over, ((TkaSignin?)null).StateAt(Now));
        Assert.Equal(SessionState.Over, deleted.StateAt(Now));
        Assert.False(deleted.IsReady());
        Assert.Equal(SessionState.Over, Ready().StateAt(Now.AddMinutes(30)));
        Assert.Equal(SessionState.Ready, Ready().StateAt(Now.AddMinutes(30).AddTicks(-1)));
    }

    [Fact]
    public void Persons_are_compared_without_regard_to_case()
    {
        var signin = Signin(asked: Now);

        Assert.True(signin.IsOwnedBy("ALICE@example.com"));
        Assert.False(signin.IsOwnedBy("alice@other.org"));
        Assert.Equal(SessionKey.For("Alice@Example.com", "view"), signin.Key());
        Assert.Equal(SessionNames.UserSlug("alice@example.com"), SessionKey.IndexOf(signin));
    }

    [Fact]
    public void A_session_follows_its_own_device_and_installation_or_any_if_it_names_none()
    {
        var signin = Signin(asked: Now);
        Assert.True(signin.IsOfDevice("n1") && signin.IsOfInstallation("here") && signin.IsOfInstallation(""));

        signin.Spec = signin.Spec with { Node = new SigninNode { Name = "laptop", StableId = "n1" } };
        signin.Metadata.Annotations[TkaAnnotations.Installation] = "here";
        Assert.True(signin.IsOfDevice("n1") && signin.IsOfInstallation("here"));
        Assert.False(signin.IsOfDevice("n2"));
        Assert.False(signin.IsOfInstallation("there"));
        Assert.False(signin.IsOfInstallation(""));
    }

    [Fact]
    public void What_the_status_says_is_read_as_it_stands()
    {
        var signin = Ready(status => status with
        {
            ValidUntil = Text(Now.AddMinutes(30)),
            Conditions = [.. status.Conditions!, Condition("False", ConditionReasons.NamespaceNotFound) with { Type = ConditionReasons.NamespacesType, Message = "Not in team-a" }],
        });

        Assert.Equal(Now.AddMinutes(30), signin.ValidUntil());
        Assert.Equal("Not in team-a", signin.MissingNamespaces());
        Assert.Null(Signin().ValidUntil());
        Assert.Null(Signin().MissingNamespaces());
        Assert.Null(Signin().SignInTimeInFuture());
        Assert.Null(Ready().MissingNamespaces());
        Assert.Empty(Signin().Namespaces());
        signin.Spec = signin.Spec with { Namespaces = ["team-a"] };
        Assert.Equal(["team-a"], signin.Namespaces());
        Assert.True(signin.IsBase());
    }
}
