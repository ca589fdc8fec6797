using System.Text.Json.Nodes;
using TKA.DevEnvironment.Cluster.Cel;
using Xunit;

namespace TKA.DevEnvironment.Tests.Cluster.Cel;

public sealed class CelExpressionTests
{
    private const string Self = """
        {"name":"alice","count":3,"ratio":1.5,"on":true,"none":null,"big":9007199254740993,
         "tags":["a","b","c"],"labels":{"app":"web","a.b/c":"x"},"items":[{"k":"x","v":1},{"k":"y","v":2}],
         "period":"8h0m0s","at":"2026-11-24T08:15:30Z","namespace":"ns","a-b":7}
        """;

    [Theory]
    [InlineData("-1 < 0 && 'a' + 'b' == 'ab'")]
    [InlineData("true ? 'a' == 'a' : false")]
    [InlineData("false || true && true")]
    [InlineData("!false && !!true")]
    [InlineData("self.big == 9007199254740993 && self.big > 9007199254740992")]
    [InlineData("self.none == null && has(self.none) && !has(self.missing)")]
    [InlineData("'b' in self.tags && !('z' in self.tags) && 'app' in self.labels")]
    [InlineData("self.labels['a.b/c'] == 'x' && self.labels.app == 'web' && self['count'] == 3")]
    [InlineData("self.tags[0] == 'a' && self.tags.size() == 3 && size(self.tags) == 3 && size(self.labels) == 2")]
    [InlineData("self.tags == ['a', 'b', 'c'] && self.tags != ['a']")]
    [InlineData("self.items.all(i, i.v > 0) && self.items.exists(i, i.k == 'y')")]
    [InlineData("self.items.map(i, i.v) == [1, 2] && self.items.filter(i, i.v == 1).size() == 1")]
    [InlineData("self.labels.all(k, k.size() > 0)")]
    [InlineData("[1, 2, 3].all(x, [1, 2, 3].exists(y, y == x))")]
    [InlineData("self.name.startsWith('al') && self.name.endsWith('ce') && self.name.contains('lic') && self.name.matches('^[a-z]+$')")]
    [InlineData("'A,bÄ'.lowerAscii() == 'a,bÄ' && 'a,b,c'.split(',') == ['a', 'b', 'c'] && 'é😀'.split('') == ['é', '😀']")]
    [InlineData("'\\u00e9\\n'.size() == 2 && \"a'b\".size() == 3 && '😀'.size() == 1")]
    [InlineData("duration(self.period) >= duration('10m') && duration('90s') == duration('1m30s')")]
    [InlineData("timestamp('2026-11-24T09:15:30Z') > timestamp(self.at) && timestamp(self.at) == timestamp('2026-11-24T09:15:30+01:00')")]
    [InlineData("self.namespace == 'ns'")]
    [InlineData("// a comment\ntrue // and another")]
    public void Is_true(string expression) => Assert.Equal(true, Evaluate(expression));

    [Theory]
    [InlineData("true || self.missing == 1", true)]
    [InlineData("self.missing == 1 || true", true)]
    [InlineData("false && self.missing == 1", false)]
    [InlineData("self.missing == 1 && false", false)]
    [InlineData("[1, 2].exists(x, x == 2 || self.missing == x)", true)]
    [InlineData("[0, 1].all(x, x > 5 && self.missing == x)", false)]
    public void An_error_is_absorbed_when_the_other_side_decides(string expression, bool expected) => Assert.Equal(expected, Evaluate(expression));

    [Theory]
    [InlineData("self.missing", "no such key: missing")]
    [InlineData("self.missing == 1 || false", "no such key: missing")]
    [InlineData("self.missing == 1 && true", "no such key: missing")]
    [InlineData("self.tags[3] == 'd'", "index out of bounds: 3")]
    [InlineData("self.name + self.count == ''", "no such overload")]
    [InlineData("self.name < self.count", "no such overload")]
    [InlineData("self.ratio < 2", "does not implement numbers such as 1.5")]
    [InlineData("self.name && true", "no such overload")]
    [InlineData("duration(self.name) > duration('1s')", "invalid duration")]
    [InlineData("timestamp(self.name) > timestamp('2026-01-01T00:00:00Z')", "invalid timestamp")]
    public void Fails_when_evaluated(string expression, string error) =>
        Assert.Contains(error, Assert.Throws<CelException>(() => Evaluate(expression)).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("nosuch", "undeclared reference to 'nosuch'")]
    [InlineData("self.foo()", "undeclared reference to 'foo'")]
    [InlineData("frob(1)", "undeclared reference to 'frob'")]
    [InlineData("'a' +", "Syntax error")]
    [InlineData("'a", "Syntax error")]
    [InlineData("self..x", "Syntax error")]
    [InlineData("(1", "Syntax error")]
    [InlineData("a b", "Syntax error")]
    [InlineData("", "Syntax error")]
    [InlineData("1 + 'a'", "found no matching overload for '_+_' applied to '(int, string)'")]
    [InlineData("1 == 'a'", "found no matching overload for '_==_'")]
    [InlineData("1 == 1.0", "Syntax error")]
    [InlineData("self.items.exists_one(i, i.v == 2)", "undeclared reference to 'exists_one'")]
    [InlineData("self.items.map(i, i.v > 1, i.k) == ['y']", "undeclared reference to 'map'")]
    [InlineData("'a'.startsWith(1)", "found no matching overload for 'startsWith' applied to 'string.(int)'")]
    [InlineData("true ? 1 : 'a'", "found no matching overload")]
    [InlineData("1 && true", "found no matching overload")]
    [InlineData("[1, 'a'] == []", "expected type 'int' but found 'string'")]
    [InlineData("1.all(x, true)", "cannot be range of a comprehension")]
    [InlineData("'a'.all(x, true)", "cannot be range of a comprehension")]
    [InlineData("[1].all(x, x)", "expected type 'bool'")]
    [InlineData("[1].all(x.y, true)", "simple name")]
    [InlineData("has(self)", "invalid argument to has")]
    [InlineData("'a'.matches('(')", "error parsing regexp")]
    [InlineData("'a'.matches('a(?=b)')", "error parsing regexp")]
    [InlineData("duration('8 hours') > duration('1s')", "invalid duration")]
    [InlineData("duration('9223372036854775807h30m') > duration('1s')", "invalid duration")]
    [InlineData("namespace == 'a'", "reserved identifier")]
    [InlineData("9223372036854775808", "invalid int literal")]
    [InlineData("Foo{a: 1}", "Syntax error")]
    [InlineData("{'a': 1}['a'] == 1", "Syntax error")]
    [InlineData("b'a' == b'a'", "Syntax error")]
    [InlineData("1u == 1u", "Syntax error")]
    [InlineData("'\\x41' == 'A'", "unknown escape sequence")]
    [InlineData("1 - 1 == 0", "Syntax error")]
    [InlineData("1 * 1 == 1", "token recognition error")]
    [InlineData("1 + 1 == 2", "found no matching overload for '_+_'")]
    [InlineData("-self.count == 0", "Syntax error")]
    [InlineData("1e3 == 1000.0", "Syntax error")]
    [InlineData("r'a' == 'a'", "Syntax error")]
    [InlineData("self.?name.hasValue()", "Syntax error")]
    [InlineData("self.labels[?'app'] == 'a'", "Syntax error")]
    [InlineData("self.a__dash__b == 7", "does not implement escaped names")]
    [InlineData("int('1') == 1", "undeclared reference to 'int'")]
    [InlineData("self.name.replace('a', 'b') == ''", "undeclared reference to 'replace'")]
    public void Does_not_compile(string expression, string error) =>
        Assert.Contains(error, Assert.Throws<CelException>(() => Compile(expression)).Message, StringComparison.Ordinal);

    [Fact]
    public void An_error_points_at_its_place()
    {
        var error = Assert.Throws<CelException>(() => Compile("true &&\n  frob(1)"));

        Assert.Equal("ERROR: <input>:2:3: undeclared reference to 'frob' (in container '')\n |   frob(1)\n | ..^", error.Message);
    }

    [Theory]
    [InlineData("[1,2,3,4,5,6,7,8,9,0].all(a, [1,2,3,4,5,6,7,8,9,0].all(b, [1,2,3,4,5,6,7,8,9,0].all(c, [1,2,3,4,5,6,7,8,9,0].all(d, [1,2,3,4,5,6,7,8,9,0].all(e, [1,2,3,4,5,6,7,8,9,0].all(f, [1,2,3,4,5,6,7,8,9,0].all(g, true)))))))")]
    [InlineData("['0123456789'].map(a, a+a+a+a+a+a+a+a+a+a).map(a, a+a+a+a+a+a+a+a+a+a).map(a, a+a+a+a+a+a+a+a+a+a).map(a, a+a+a+a+a+a+a+a+a+a).map(a, a+a+a+a+a+a+a+a+a+a).map(a, a+a+a+a+a+a+a+a+a+a).map(a, a+a+a+a+a+a+a+a+a+a) == []")]
    public void An_expression_that_works_too_long_is_cancelled(string expression) =>
        Assert.Contains("cost limit exceeded", Assert.Throws<CelException>(() => Evaluate(expression)).Message, StringComparison.Ordinal);

    [Fact]
    public void Nesting_is_limited_so_that_no_expression_can_exhaust_the_stack()
    {
        foreach (var expression in (string[])
            [
                new string('(', 5000) + "1" + new string(')', 5000),
                "self" + string.Concat(Enumerable.Repeat(".a", 20_000)),
                string.Join('+', Enumerable.Repeat("'a'", 20_000)),
                new string('!', 20_000) + "true",
                string.Concat(Enumerable.Repeat("[", 5000)),
            ])
        {
            Assert.Throws<CelException>(() => Compile(expression));
        }
    }

    [Fact]
    public void It_tells_which_variables_it_reads()
    {
        Assert.True(Compile("self == oldSelf").Uses("oldSelf"));
        Assert.False(Compile("self.oldSelf == 1").Uses("oldSelf"));
    }

    private static object? Evaluate(string expression) =>
        Compile(expression).Evaluate(new Dictionary<string, object?> { ["self"] = JsonNode.Parse(Self) });

    private static CelExpression Compile(string expression) =>
        CelExpression.Compile(expression, new CelEnvironment(("self", CelType.Dyn), ("oldSelf", CelType.Dyn)));
}
