using TKA.Api.Http;
using Xunit;

namespace TKA.Tests.Api.Http;

public class KubeconfigFormatTests
{
    [Theory]
    [InlineData("application/yaml")]
    [InlineData("text/yaml")]
    [InlineData("application/x-yaml")]
    [InlineData("APPLICATION/YAML")]
    [InlineData("application/yaml;q=0.5")]
    [InlineData("application/yaml; charset=utf-8")]
    [InlineData("application/json;q=0.5, application/yaml")]
    [InlineData("application/json;q=0.1, text/yaml;q=0.2")]
    [InlineData("application/yaml, application/json")]
    [InlineData("application/yaml, */*;q=0.1")]
    public void Yaml_when_asked_for(string accept) => Assert.True(KubeconfigFormat.PrefersYaml(accept));

    [Theory]
    [InlineData("")]
    [InlineData("*/*")]
    [InlineData("application/json")]
    [InlineData("application/*")]
    [InlineData("text/html")]
    [InlineData("application/yaml;q=0")]
    [InlineData("application/json, application/yaml")]
    [InlineData("application/json, application/yaml;q=0.9")]
    [InlineData("not a media type")]
    public void Json_otherwise(string accept) => Assert.False(KubeconfigFormat.PrefersYaml(accept));
}
