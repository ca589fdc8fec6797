using System.Text.Json;
using CsCheck;
using TKA.Contracts;
using TKA.Contracts.Capabilities;
using TKA.Tailscale.Capabilities;
using TKA.Tests.Infrastructure;
using Xunit;

namespace TKA.Tests.Tailscale;

public sealed class CapabilityParserTests
{
    public static TheoryData<string, int?, string?> Wrong => new()
    {
        { "{}", null, null },
        { "\"view\"", null, null },
        { """["view"]""", 0, null },
        { """[null]""", 0, null },
        { """[{"period":"8h"}]""", 0, "role" },
        { """[{"role":"view"}]""", 0, "period" },
        { """[{"role":null,"period":"8h"}]""", 0, "role" },
        { """[{"role":"","period":"8h"}]""", 0, "role" },
        { """[{"role":"a/b","period":"8h"}]""", 0, "role" },
        { """[{"role":"..","period":"8h"}]""", 0, "role" },
        { """[{"role":"vi\u0000ew","period":"8h"}]""", 0, "role" },
        { """[{"role":["view"],"period":"8h"}]""", 0, "role" },
        { """[{"role":"view","period":8}]""", 0, "period" },
        { """[{"role":"view","period":"8h","priority":"1"}]""", 0, "priority" },
        { """[{"role":"view","period":"8h","priority":1.5}]""", 0, "priority" },
        { """[{"role":"view","period":"8h","priority":99999999999}]""", 0, "priority" },
        { """[{"role":"view","period":"8h","priority":null}]""", 0, "priority" },
        { """[{"role":"view","period":"8h","admin":"true"}]""", 0, "admin" },
        { """[{"role":"view","period":"8h","admin":1}]""", 0, "admin" },
        { """[{"role":"view","period":"8h","namespaces":"team-a"}]""", 0, "namespaces" },
        { """[{"role":"view","period":"8h","namespaces":[]}]""", 0, "namespaces" },
        { """[{"role":"view","period":"8h","namespaces":null}]""", 0, "namespaces" },
        { """[{"role":"view","period":"8h","namespaces":[7]}]""", 0, "namespaces" },
        { """[{"role":"view","period":"8h","namespaces":["Team A"]}]""", 0, "namespaces" },
        { """[{"role":"view","period":"8h","namespaces":["team-a","*"]}]""", 0, "namespaces" },
        { """[{"role":"view","period":"8h","namespace":"team-a"}]""", 0, "namespace" },
        { """[{"role":"view","period":"8h","role":"edit"}]""", 0, "role" },
        { """[{"role":"view","period":"8h","Role":"edit"}]""", 0, "role" },
        { """[{"role":"view","period":"8h"},{"role":"edit","period":"1h"},{"role":7,"period":"8h"}]""", 2, "role" },
    };

    [Fact]
    public void A_full_rule_is_read()
    {
        var rules = Parse("""[{"role":"view","period":"1h30m","priority":-5,"namespaces":["team-b","team-a","team-b"],"admin":true,"note":"ours"}]""");

        var rule = Assert.Single(rules.Items);
        Assert.Equal(("view", TimeSpan.FromMinutes(90), -5, true), (rule.Role, rule.Period, rule.Priority, rule.Admin));
        Assert.Equal(["team-a", "team-b"], rule.Namespaces);
    }

    [Fact]
    public void A_short_rule_has_defaults()
    {
        var rule = Assert.Single(Parse("""[{"role":"system:aggregate-to-view","period":"8h"}]""").Items);

        Assert.Equal((0, false), (rule.Priority, rule.Admin));
        Assert.Empty(rule.Namespaces);
    }

    [Theory]
    [InlineData("null")]
    [InlineData("[]")]
    public void A_capability_without_values_gives_no_rule_and_no_error(string json)
    {
        var rules = Parse(json);

        Assert.Empty(rules.Items);
        Assert.Null(rules.Error);
    }

    // Left unread, the field would be "unknown" and the grant cluster-wide.
    [Theory]
    [InlineData("""[{"Role":"view","PERIOD":"8h","Namespaces":["team-a"]}]""")]
    [InlineData("""[{"role":"view","period":"8h","NAMESPACES":["team-a"]}]""")]
    public void Field_names_are_read_whatever_their_case(string json) =>
        Assert.Equal(["team-a"], Assert.Single(Parse(json).Items).Namespaces);

    [Theory, MemberData(nameof(Wrong))]
    public void What_is_wrong_is_told_with_rule_and_field(string json, int? rule, string? field)
    {
        var rules = Parse(json);

        Assert.Empty(rules.Items);
        Assert.Equal((CapabilityErrorKind.Malformed, rule, field), (rules.Error!.Kind, rules.Error.Rule, rules.Error.Field));
        if (rule is not null)
        {
            Assert.Contains($"Rule {rule}", rules.Error.Message, StringComparison.Ordinal);
        }

        if (field is not null)
        {
            Assert.Contains(field, rules.Error.Message, StringComparison.Ordinal);
        }
    }

    /// <summary>The words reach the person who logs in, and the owner of the policy.</summary>
    [Fact]
    public void Every_message_is_as_approved() =>
        ApprovedText.Match(string.Join('\n', Wrong.Select(row => $"{row.Data.Item1}\n  {Parse(row.Data.Item1).Error!.Message}")), "capability-errors", "TKA.Tests/Tailscale");

    [Theory]
    [InlineData("a", true)]
    [InlineData("a-1", true)]
    [InlineData("-a", false)]
    [InlineData("a-", false)]
    [InlineData("a.b", false)]
    [InlineData("aB", false)]
    [InlineData("", false)]
    public void A_namespace_is_a_DNS_label(string name, bool allowed) =>
        Assert.Equal(allowed, Parse($$"""[{"role":"view","period":"8h","namespaces":["{{name}}"]}]""").Error is null);

    [Theory]
    [InlineData(63, true)]
    [InlineData(64, false)]
    public void A_namespace_has_at_most_63_characters(int length, bool allowed) =>
        Assert.Equal(allowed, Parse($$"""[{"role":"view","period":"8h","namespaces":["{{new string('a', length)}}"]}]""").Error is null);

    [Theory]
    [InlineData("system:node-1.é", true)]
    [InlineData(".", false)]
    [InlineData("a%2f", false)]
    public void A_role_is_a_path_segment(string name, bool allowed) =>
        Assert.Equal(allowed, Parse($$"""[{"role":"{{name}}","period":"8h"}]""").Error is null);

    [Theory]
    [InlineData(253, true)]
    [InlineData(254, false)]
    public void A_role_has_a_longest_name(int length, bool allowed) =>
        Assert.Equal(allowed, Parse($$"""[{"role":"{{new string('a', length)}}","period":"8h"}]""").Error is null);

    [Theory]
    [InlineData("")]
    [InlineData("8")]
    [InlineData("8 hours")]
    [InlineData("forever")]
    [InlineData("1d")]
    public void A_period_that_is_no_duration_is_an_error_of_its_own(string period) =>
        Assert.Equal(CapabilityErrorKind.Period, Parse($$"""[{"role":"view","period":"{{period}}"}]""").Error!.Kind);

    [Fact]
    public void Text_that_is_no_Unicode_is_an_error_and_no_exception() =>
        Assert.NotNull(Parse("""[{"role":"\ud800","period":"8h"}]""").Error);

    [Fact]
    public void An_error_never_repeats_more_than_a_line_of_the_policy() =>
        Assert.InRange(Parse($$"""[{"role":"{{new string('/', 5000)}}","period":"8h"}]""").Error!.Message.Length, 1, 300);

    [Fact]
    public void What_is_written_is_read_back()
    {
        var role = Gen.String[Gen.Char["abcdefghijklmnopqrstuvwxyz:-.0123456789é☃"], 1, 30].Where(text => text is not ("." or ".."));
        var space = Gen.String[Gen.Char['a', 'z'], 1, 20].List[1, 4];
        var rule = Gen.Select(role, Gen.Int[1, 100_000], Gen.Int, Gen.Bool, Gen.Bool, space)
            .Select((name, minutes, priority, admin, narrow, names) => new CapabilityRule
            {
                Role = name,
                Period = TimeSpan.FromMinutes(minutes),
                Priority = priority,
                Admin = admin,
                Namespaces = narrow ? [.. names.Distinct().Order(StringComparer.Ordinal)] : [],
            });

        rule.List[0, 5].Sample(rules => Parse(Write(rules)).Items.SequenceEqual(rules));
    }

    [Fact]
    public void No_JSON_makes_it_throw()
    {
        // Small random documents over the words that matter.
        var leaf = OneOf("null", "true", "7", "\"view\"", "\"8h\"", "\"\\ud800\"", "1e400", "\"team-a\"", "[]", "{}");
        var name = OneOf("role", "period", "priority", "namespaces", "admin", "namespace", "Role", "x", "\\ud800");
        var rule = Gen.Select(name, leaf).List[0, 6].Select(fields => "{" + string.Join(',', fields.Select(field => $"\"{field.Item1}\":{field.Item2}")) + "}");
        var document = Gen.OneOf(leaf, rule, rule.List[0, 4].Select(items => "[" + string.Join(',', items) + "]"), leaf.List[0, 4].Select(items => "[" + string.Join(',', items) + "]"));

        document.Sample(json =>
        {
            var rules = Parse(json);
            return rules.Error is null || rules.Items.Count == 0;
        });
    }

    private static CapabilityRules Parse(string json) => CapabilityParser.Parse(JsonDocument.Parse(json).RootElement);

    private static string Write(IEnumerable<CapabilityRule> rules) =>
        JsonSerializer.Serialize(rules.Select(rule => rule.Namespaces.Count == 0
            ? (object)new { role = rule.Role, period = GoDuration.Format(rule.Period), priority = rule.Priority, admin = rule.Admin }
            : new { role = rule.Role, period = GoDuration.Format(rule.Period), priority = rule.Priority, admin = rule.Admin, namespaces = rule.Namespaces }));

    private static Gen<string> OneOf(params string[] values) => Gen.Int[0, values.Length - 1].Select(i => values[i]);
}
