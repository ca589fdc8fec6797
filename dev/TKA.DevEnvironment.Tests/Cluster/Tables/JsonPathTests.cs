using System.Text.Json.Nodes;
using TKA.DevEnvironment.Cluster.Tables;
using Xunit;

namespace TKA.DevEnvironment.Tests.Cluster.Tables;

public class JsonPathTests
{
    private const string Document = """
        {"spec":{"a":"x","list":[1,2,3],"ports":[{"name":"http","port":80},{"name":"https","port":443}]},
         "metadata":{"labels":{"app.kubernetes.io/name":"web"}},"status":{"conditions":[{"type":"Ready","status":"True"},{"type":"Other","status":"False"}]}}
        """;

    [Theory]
    [InlineData(".spec.a", "\"x\"")]
    [InlineData(".spec.list[1]", "2")]
    [InlineData(".spec.list[9]", "null")]
    [InlineData(".spec['a']", "\"x\"")]
    [InlineData(@".metadata.labels.app\.kubernetes\.io/name", "\"web\"")]
    [InlineData(".metadata.labels['app.kubernetes.io/name']", "\"web\"")]
    [InlineData(".status.conditions[?(@.type==\"Ready\")].status", "\"True\"")]
    [InlineData(".status.conditions[?(@.type=='Other')].status", "\"False\"")]
    [InlineData(".status.conditions[?(@.type==\"Nothing\")].status", "null")]
    [InlineData(".nothing.at.all", "null")]
    public void Finds_the_first_match(string path, string expected) =>
        Assert.Equal(expected, JsonPath.Parse(path).Find(JsonNode.Parse(Document))?.ToJsonString() ?? "null");

    [Theory]
    [InlineData("spec")]
    [InlineData(".spec[")]
    [InlineData(".spec[?(@.a>1)]")]
    [InlineData(".spec.list[-1]")]
    [InlineData(".spec.ports[*].port")]
    public void Refuses_what_it_does_not_know(string path) =>
        Assert.Contains("does not understand", Assert.Throws<FormatException>(() => JsonPath.Parse(path)).Message, StringComparison.Ordinal);
}
