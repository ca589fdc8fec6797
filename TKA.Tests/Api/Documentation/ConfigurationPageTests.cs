using System.Text;
using TKA.Api.Configuration;
using Xunit;

namespace TKA.Tests.Api.Documentation;

/// <summary>docs/configuration.md says what the code does. With <c>TKA_UPDATE_DOCS=1</c> its generated part is written anew.</summary>
public class ConfigurationPageTests
{
    private const string Begin = "<!-- settings: generated, run the tests with TKA_UPDATE_DOCS=1 -->\n";
    private const string End = "<!-- /settings -->";

    private static readonly string Page = Path.Combine(DocumentationFiles.Root, "docs", "configuration.md");

    [Fact]
    public void The_page_lists_the_API_servers_settings_as_they_are()
    {
        var page = File.ReadAllText(Page);
        var begin = page.IndexOf(Begin, StringComparison.Ordinal) + Begin.Length;
        var end = page.IndexOf(End, StringComparison.Ordinal);
        var expected = Generate();
        if (Environment.GetEnvironmentVariable("TKA_UPDATE_DOCS") == "1")
        {
            File.WriteAllText(Page, page[..begin] + expected + page[end..]);
            return;
        }

        Assert.Equal(expected, page[begin..end]);
    }

    [Theory]
    [InlineData(typeof(TKA.Operator.Options.OperatorOptions), "operator")]
    [InlineData(typeof(TKA.Operator.Options.TokenServiceOptions), "operator.tokenService")]
    [InlineData(typeof(TKA.Operator.Options.LedgerOptions), "operator.ledger")]
    [InlineData(typeof(TKA.Orchestrator.Configuration.RegistryOptions), "orchestrator")]
    [InlineData(typeof(TKA.Orchestrator.Configuration.DaprOptions), "dapr")]
    public void The_page_names_every_option_of_the_other_services(Type options, string section)
    {
        var page = File.ReadAllText(Page);

        Assert.All(
            options.GetProperties().Where(property => property.CanWrite || property.PropertyType.IsGenericType),
            property => Assert.Contains($"`{section}.{char.ToLowerInvariant(property.Name[0])}{property.Name[1..]}`", page, StringComparison.Ordinal));
    }

    private static string Generate()
    {
        var text = new StringBuilder("| Key | Default | What it does |\n|---|---|---|\n");
        foreach (var setting in Settings.All)
        {
            var flags = (setting.Flag is { } flag && flag != setting.Name ? $", `--{flag}`" : "") + (setting.Letter is { } letter ? $", `-{letter}`" : "");
            var value = setting.Default.Length > 0 ? $"`{setting.Default}`" : "";
            text.Append('|').Append($" `{setting.Name}`{flags} | {value} | {setting.Summary} |\n");
        }

        return text.ToString();
    }
}
