using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using TKA.DevEnvironment.Cluster.Http;
using Xunit;

namespace TKA.DevEnvironment.Tests.Cluster.Http;

public class YamlJsonTests
{
    [Theory]
    [InlineData("a: 1", """{"a":1}""")]
    [InlineData("a: '1'", """{"a":"1"}""")]
    [InlineData("a: true", """{"a":true}""")]
    [InlineData("a: 0", """{"a":0}""")]
    [InlineData("a: 1.5", """{"a":1.5}""")]
    [InlineData("a: ~", """{"a":null}""")]
    [InlineData("a: 2026-11-24T08:00:00Z", """{"a":"2026-11-24T08:00:00Z"}""")]
    [InlineData("a: [x, {b: c}]", """{"a":["x",{"b":"c"}]}""")]
    [InlineData("a: |\n  two\n  lines\n", """{"a":"two\nlines\n"}""")]
    [InlineData("{\"a\": {\"b\": [1, \"x\"]}}", """{"a":{"b":[1,"x"]}}""")]
    public void Reads_YAML_as_the_JSON_it_stands_for(string yaml, string json) =>
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(json), YamlJson.Parse(Encoding.UTF8.GetBytes(yaml))));

    [Theory]
    [InlineData("a: &x [1]\nb: *x")]
    [InlineData("a: 1\na: 2")]
    [InlineData("a: [1")]
    [InlineData("a: yes")]
    [InlineData("a: 0755")]
    [InlineData("a: 0o755")]
    [InlineData("a: 0x1F")]
    [InlineData("? {a: b}\n: c")]
    public void Refuses_what_is_no_JSON(string yaml) => Assert.Throws<JsonException>(() => YamlJson.Parse(Encoding.UTF8.GetBytes(yaml)));

    [Fact]
    public void Reads_every_document_of_a_stream() => Assert.Equal(2, YamlJson.ParseAll("a: 1\n---\n---\nb: 2\n").Count);
}
