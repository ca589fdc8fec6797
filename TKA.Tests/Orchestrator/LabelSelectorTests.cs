using TKA.Orchestrator.Selectors;
using Xunit;

namespace TKA.Tests.Orchestrator;

public sealed class LabelSelectorTests
{
    private static readonly Dictionary<string, string> Labels = new()
    {
        ["env"] = "prod",
        ["example.com/tier"] = "gold",
        ["empty"] = "",
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
    public void Selects_as_kubectl_does(string selector, bool expected) =>
        Assert.Equal(expected, LabelSelector.Parse(selector).Matches(Labels));

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
    [InlineData("env>1")]
    [InlineData("!!env")]
    [InlineData("!env=prod")]
    public void Refuses_what_kubectl_refuses(string selector) =>
        Assert.Throws<FormatException>(() => LabelSelector.Parse(selector));
}
