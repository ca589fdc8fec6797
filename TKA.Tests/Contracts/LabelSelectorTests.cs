using TKA.Contracts.Selectors;
using Xunit;

namespace TKA.Tests.Contracts;

public sealed class LabelSelectorTests
{
    private static readonly Dictionary<string, string> Labels = new()
    {
        ["env"] = "prod",
        ["example.com/tier"] = "gold",
        ["empty"] = "",
        ["size"] = "10",
    };

    [Theory]
    [InlineData("", true)]
    [InlineData("  ", true)]
    [InlineData("env=prod", true)]
    [InlineData("env==prod", true)]
    [InlineData("env = prod", true)]
    [InlineData("env=dev", false)]
    [InlineData("env!=dev", true)]
    [InlineData("env!=prod", false)]
    [InlineData("absent!=prod", true)]
    [InlineData("env in (dev,prod)", true)]
    [InlineData("env in (dev, stage)", false)]
    [InlineData("env in(prod)", true)]
    [InlineData("env notin (dev)", true)]
    [InlineData("env notin (prod)", false)]
    [InlineData("absent notin (prod)", true)]
    [InlineData("absent in (prod)", false)]
    [InlineData("env", true)]
    [InlineData("absent", false)]
    [InlineData("!env", false)]
    [InlineData("! absent", true)]
    [InlineData("example.com/tier=gold,env", true)]
    [InlineData("example.com/tier=gold,!env", false)]
    [InlineData("empty=", true)]
    [InlineData("env=", false)]
    [InlineData("in in (in)", false)]
    [InlineData("empty in ()", true)]
    [InlineData("empty in (a,)", true)]
    [InlineData("env in ()", false)]
    [InlineData("size>9", true)]
    [InlineData("size > 10", false)]
    [InlineData("size<11,env", true)]
    [InlineData("env>1", false)]
    [InlineData("absent<1", false)]
    [InlineData("size notin (9, 11),size>2,!absent", true)]
    public void Selects_as_kubectl_does(string selector, bool expected) =>
        Assert.Equal((expected, expected), (LabelSelector.Parse(selector).Matches(Labels), LabelSelector.Parse(selector).Matches([.. Labels])));

    [Theory]
    [InlineData(",")]
    [InlineData("env,")]
    [InlineData("=prod")]
    [InlineData("env in prod")]
    [InlineData("env in (prod")]
    [InlineData("env in prod)")]
    [InlineData("env near (prod)")]
    [InlineData("env=prod dev")]
    [InlineData("env=pro/d")]
    [InlineData("-env")]
    [InlineData("a/b/c")]
    [InlineData("Example.com/tier=gold")]
    [InlineData("env>one")]
    [InlineData("env>")]
    [InlineData("env>1,")]
    [InlineData("env in ((a))")]
    [InlineData("!!env")]
    [InlineData("!env=prod")]
    public void Refuses_what_kubectl_refuses(string selector) =>
        Assert.Throws<FormatException>(() => LabelSelector.Parse(selector));
}
