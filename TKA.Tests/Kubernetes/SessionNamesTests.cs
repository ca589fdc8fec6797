using System.Text.RegularExpressions;
using CsCheck;
using TKA.Contracts.Sessions;
using Xunit;

namespace TKA.Tests.Kubernetes;

public partial class SessionNamesTests
{
    [Theory]
    [InlineData("alice@example.com", "tka-user-alice-ff8d9819")]
    [InlineData("ALICE@Example.com", "tka-user-alice-ff8d9819")]
    [InlineData("alice@other.org", "tka-user-alice-")]
    [InlineData("alice@github", "tka-user-alice-")]
    [InlineData("a.l+x@a.com", "tka-user-a-l-x-")]
    [InlineData("", "tka-user-user-e3b0c442")]
    [InlineData("../x", "tka-user-x-")]
    [InlineData("@", "tka-user-user-")]
    [InlineData("---@x", "tka-user-user-")]
    [InlineData("Zoë.Ünal@example.com", "tka-user-zo-nal-")]
    [InlineData("日本@example.com", "tka-user-user-")]
    public void A_name_says_who_it_is_for(string login, string expectedStart)
    {
        var name = SessionNames.ForLogin(login);

        Assert.StartsWith(expectedStart, name, StringComparison.Ordinal);
        Assert.Matches(Rfc1123Label(), name);
    }

    [Fact]
    public void People_with_the_same_local_part_have_different_names()
    {
        string[] logins = ["alice@a.com", "alice@b.com", "alice@github", "alice", "a.lice@a.com", "alice+x@a.com"];

        Assert.Equal(logins.Length, logins.Select(SessionNames.ForLogin).Distinct().Count());
    }

    [Fact]
    public void A_slug_is_cut_at_forty_characters()
    {
        var name = SessionNames.ForLogin(new string('a', 300) + "@example.com");

        Assert.Equal("tka-user-".Length + SessionNames.MaxSlugLength + 1 + 8, name.Length);
        Assert.NotEqual(name, SessionNames.ForLogin(new string('a', 301) + "@example.com"));
    }

    [Fact]
    public void A_session_beside_the_base_has_a_name_of_its_own_that_is_a_label_value()
    {
        var longest = new string('a', 64) + "@example.com";

        Assert.Matches("^tka-user-alice-ff8d9819[.][0-9a-f]{8}$", SessionNames.ForRole("Alice@Example.com", "view"));
        Assert.Equal(63, SessionNames.ForRole(longest, "view").Length);
        Assert.NotEqual(SessionNames.ForRole(longest, "view"), SessionNames.ForRole(longest, "edit"));
        Assert.True(SessionNames.IsBase(SessionNames.ForLogin(longest)));
        Assert.False(SessionNames.IsBase(SessionNames.ForRole(longest, "view")));
    }

    [Fact]
    public void Any_text_gives_a_valid_label() =>
        Gen.String.Sample(login => Rfc1123Label().IsMatch(SessionNames.ForLogin(login)), iter: 100_000);

    [Fact]
    public void A_million_pairs_of_different_logins_have_different_names()
    {
        var local = Gen.String[Gen.Char["abcdefghijklmnopqrstuvwxyz0123456789.-_+"], 1, 12];
        var domain = Gen.Int[0, 3].Select(i => ((string[])["example.com", "other.org", "github", "corp.example.com"])[i]);
        var login = Gen.Select(local, domain, (user, host) => $"{user}@{host}");

        Gen.Select(login, login).Sample(
            (one, other) => one == other || SessionNames.ForLogin(one) != SessionNames.ForLogin(other),
            iter: 1_000_000);
    }

    [Fact]
    public void A_million_pairs_that_differ_in_the_domain_only_have_different_names()
    {
        // Eight hex digits: among these million fixed pairs none may collide; among random ones one run in 4,000 would have one.
        var random = new Random(20261124);
        for (var i = 0; i < 1_000_000; i++)
        {
            var (one, other) = ($"alice@{random.Next():x}.com", $"alice@{random.Next():x}.org");
            Assert.True(SessionNames.ForLogin(one) != SessionNames.ForLogin(other), $"{one} and {other}");
        }
    }

    [Fact]
    public void A_binding_is_named_after_its_role_and_its_installation()
    {
        var session = SessionNames.ForLogin("alice@example.com");

        Assert.NotEqual(SessionNames.ForBinding("tka-sessions", session, "view"), SessionNames.ForBinding("tka-sessions", session, "edit"));
        Assert.NotEqual(SessionNames.ForBinding("tka-sessions", session, "view"), SessionNames.ForBinding("other-sessions", session, "view"));
        Assert.Matches("^tka-user-alice-ff8d9819-[0-9a-f]{8}$", SessionNames.ForBinding("tka-sessions", session, "view"));
    }

    [GeneratedRegex("^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$")]
    private static partial Regex Rfc1123Label();
}
