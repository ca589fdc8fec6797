using TKA.Contracts.Sessions;
using TKA.Kubernetes.Sessions;
using Xunit;
using static TKA.Tests.Kubernetes.Signins;

namespace TKA.Tests.Kubernetes;

/// <summary>From when until when a session lives: the formula itself. What API and operator make of it is tested with them.</summary>
public sealed class SessionWindowTests
{
    [Fact]
    public void A_session_lives_for_its_period_from_the_sign_in()
    {
        var window = SessionWindow.Of(Signin(asked: Now), Now.AddMinutes(5));

        Assert.Equal((Now, Now.AddMinutes(30)), (window.Start, window.End));
        Assert.Equal(TimeSpan.FromMinutes(30), window.Period);
        Assert.Null(window.Problem);
        Assert.Null(window.SignInTimeInFuture);
        Assert.False(window.IsOver(window.End.AddTicks(-1)));
        Assert.True(window.IsOver(window.End));
    }

    [Theory]
    [InlineData("soon", "validity_period 'soon' is not a duration; write it like 30m or 8h.")]
    [InlineData("9m59s", "validity_period '9m59s' is under 10m, the shortest session.")]
    [InlineData("10m", null)]
    public void A_period_that_is_none_counts_as_the_shortest(string period, string? problem)
    {
        var window = SessionWindow.Of(Signin(asked: Now, period: period), Now);

        Assert.Equal(problem, window.Problem);
        Assert.Equal(Now + TkaSigninResource.MinimumPeriod, window.End);
    }

    [Theory]
    [InlineData(45, 45, false)]
    [InlineData(46, 0, true)]
    public void A_sign_in_further_ahead_than_clocks_may_be_counts_from_now(int aheadSeconds, int startSeconds, bool isFuture)
    {
        var signin = Signin(asked: Now.AddSeconds(aheadSeconds));
        var window = SessionWindow.Of(signin, Now);

        Assert.Equal(Now.AddSeconds(startSeconds), window.Start);
        Assert.Equal(isFuture ? signin.Metadata.Annotations[TkaAnnotations.LastAttemptedSignIn] : null, window.SignInTimeInFuture);
    }

    [Fact]
    public void A_sign_in_in_the_future_counts_from_when_it_was_first_seen_also_when_its_time_has_come()
    {
        var asked = Now.AddHours(2);
        var signin = Signin(asked: asked, status: Status(signedIn: Now), conditions: Future(asked));

        Assert.Equal(Now, SessionWindow.Of(signin, Now.AddMinutes(10)).Start);
        Assert.Equal(Now, SessionWindow.Of(signin, asked.AddMinutes(1)).Start);
        Assert.True(SessionWindow.Of(signin, asked).IsOver(asked));
    }

    [Fact]
    public void A_later_sign_in_is_not_the_one_that_was_in_the_future()
    {
        var signin = Signin(asked: Now.AddHours(3), status: Status(signedIn: Now), conditions: Future(Now.AddHours(2)));

        Assert.Equal(Now.AddHours(3), SessionWindow.Of(signin, Now.AddHours(3)).Start);
    }

    [Fact]
    public void What_was_first_seen_in_a_future_itself_counts_from_now()
    {
        var asked = Now.AddHours(2);
        var signin = Signin(asked: asked, status: Status(signedIn: Now.AddHours(1)), conditions: Future(asked));

        Assert.Equal(Now, SessionWindow.Of(signin, Now).Start);
    }

    [Fact]
    public void Without_a_sign_in_time_it_counts_from_the_status_then_from_the_creation_then_from_now()
    {
        Assert.Equal(Now.AddMinutes(1), SessionWindow.Of(Signin(created: Now, status: Status(signedIn: Now.AddMinutes(1))), Now.AddMinutes(2)).Start);
        Assert.Equal(Now, SessionWindow.Of(Signin(created: Now), Now.AddMinutes(2)).Start);
        Assert.Equal(Now, SessionWindow.Of(Signin(created: Now.AddMinutes(2)), Now).Start);
        Assert.Equal(Now, SessionWindow.Of(Signin(), Now).Start);
    }

    [Theory]
    [InlineData("8h", 60)]
    [InlineData("30m", 30)]
    public void A_refused_session_stays_for_an_hour_at_most(string period, int minutes)
    {
        var signin = Signin(asked: Now, period: period);
        var window = SessionWindow.Of(signin, Now).Refused(Now.AddMilliseconds(700));
        var told = Signin(asked: Now, period: period, status: Status(signedIn: Now), conditions: Refusal(Now));

        Assert.Equal(Now.AddMinutes(minutes), window.End);
        Assert.Equal(window.End, SessionWindow.Of(told, Now).End);
        Assert.Equal(SessionWindow.Of(signin, Now).End, SessionWindow.Of(told, Now).Granted.End);
    }

    /// <summary>The condition keeps the time of the first refusal; a sign-in after it starts the hour again.</summary>
    [Fact]
    public void The_hour_of_a_refused_session_starts_with_the_latest_sign_in()
    {
        var signin = Signin(asked: Now, period: "8h", status: Status(signedIn: Now), conditions: Refusal(Now.AddHours(-3)));

        Assert.Equal(Now.AddHours(1), SessionWindow.Of(signin, Now).End);
        Assert.Equal(Now.AddHours(1), SessionWindow.Of(signin, Now).Granted.Refused(Now.AddHours(-3)).End);
    }

    /// <summary>A role can be taken from the operator in the middle of a session.</summary>
    [Fact]
    public void The_hour_of_a_session_that_is_refused_later_starts_with_the_refusal()
    {
        var signin = Signin(asked: Now, period: "8h", status: Status(signedIn: Now), conditions: Refusal(Now.AddHours(3)));

        Assert.Equal(Now.AddHours(4), SessionWindow.Of(signin, Now.AddHours(3)).End);
        Assert.Equal(Now.AddHours(4), SessionWindow.Of(signin, Now).Granted.Refused(Now.AddHours(3)).End);
    }

    [Fact]
    public void Times_as_far_ahead_as_clocks_may_be_count()
    {
        var latest = Now + SessionWindow.AllowedSkew;

        Assert.Equal(latest, SessionWindow.Of(Signin(status: Status(signedIn: latest)), Now).Start);
        Assert.Equal(latest, SessionWindow.Of(Signin(created: latest), Now).Start);
    }
}
