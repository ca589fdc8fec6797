using System.Text;
using TKA.Api.Configuration;
using TKA.Operator.Configuration;
using TKA.Orchestrator.Configuration;
using TKA.ServiceDefaults.Configuration;
using TKA.Tests.Api.Documentation;
using Xunit;

namespace TKA.Tests.ServiceDefaults.Configuration;

/// <summary>docs/configuration.md says what the code does. With <c>TKA_UPDATE_DOCS=1</c> its generated parts are written anew.</summary>
public class ConfigurationPageTests
{
    private static readonly string Page = Path.Combine(DocumentationFiles.Root, "docs", "configuration.md");

    private static readonly ServiceSettings[] Services = [ApiSettings.Service, OperatorSettings.Service, OrchestratorSettings.Service];

    [Fact]
    public void The_page_lists_the_settings_of_every_service_as_they_are()
    {
        var page = File.ReadAllText(Page);
        var expected = Services.Aggregate(page, Replace);
        if (Environment.GetEnvironmentVariable("TKA_UPDATE_DOCS") == "1")
        {
            File.WriteAllText(Page, expected);
        }

        Assert.Equal(expected, File.ReadAllText(Page));
    }

    private static string Replace(string page, ServiceSettings service)
    {
        var begin = $"<!-- {service.Name}: generated, run the tests with TKA_UPDATE_DOCS=1 -->\n";
        var from = page.IndexOf(begin, StringComparison.Ordinal) + begin.Length;
        var to = page.IndexOf($"<!-- /{service.Name} -->", StringComparison.Ordinal);
        Assert.True(from >= begin.Length && to >= from, $"{service.Name} has no place on the page");
        return page[..from] + Table(service) + page[to..];
    }

    private static string Table(ServiceSettings service)
    {
        var text = new StringBuilder("| Key | Default | What it does |\n|---|---|---|\n");
        foreach (var setting in service.All)
        {
            var flags = (setting.Flag is { } flag && flag != setting.Name ? $", `--{flag}`" : "") + (setting.Letter is { } letter ? $", `-{letter}`" : "");
            var value = setting.Default.Length > 0 ? $"`{setting.Default}`" : "";
            text.Append('|').Append($" `{setting.Name}`{flags} | {value} | {setting.Summary.Replace("<", "&lt;", StringComparison.Ordinal)} |\n");
        }

        return text.ToString();
    }
}
