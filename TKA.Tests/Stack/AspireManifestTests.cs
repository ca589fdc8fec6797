using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using TKA.Tests.Infrastructure;
using Xunit;

namespace TKA.Tests.Stack;

/// <summary><c>aspire-manifest.json</c> is written by hand where Aspire cannot be restored; this holds it to AppHost.cs and the projects.</summary>
public sealed partial class AspireManifestTests
{
    private static readonly JsonObject Resources = JsonNode.Parse(
        File.ReadAllText(Path.Combine(DeployFiles.RepositoryRoot, "aspire-manifest.json")))!["resources"]!.AsObject();

    private static readonly string AppHost = File.ReadAllText(Path.Combine(DeployFiles.RepositoryRoot, "TKA.AppHost", "AppHost.cs"));

    [Fact]
    public void It_has_the_AppHosts_projects_and_no_others()
    {
        var added = AddProject().Matches(AppHost).ToDictionary(match => match.Groups["name"].Value, match => match.Groups["type"].Value.Replace('_', '.'));
        Assert.Equal(added.Keys, Resources.Select(resource => resource.Key));
        foreach (var (name, resource) in Resources)
        {
            Assert.Equal("project.v0", (string)resource!["type"]!);
            Assert.Equal($"{added[name]}/{added[name]}.csproj", (string)resource["path"]!);
            Assert.True(File.Exists(Path.Combine(DeployFiles.RepositoryRoot, (string)resource["path"]!)));
        }
    }

    [Fact]
    public void Every_endpoint_of_the_AppHost_is_bound_and_its_port_reaches_the_service()
    {
        foreach (var (name, resource) in Resources)
        {
            var statement = Statements().Single(text => text.Contains($"(\"{name}\")", StringComparison.Ordinal));
            var endpoints = WithHttpEndpoint().Matches(statement);
            Assert.Equal(endpoints.Select(match => match.Groups["name"].Value), resource!["bindings"]!.AsObject().Select(binding => binding.Key));
            foreach (var endpoint in endpoints.Select(match => (Name: match.Groups["name"].Value, Variable: match.Groups["env"].Value)))
            {
                Assert.Equal($"{{{name}.bindings.{endpoint.Name}.targetPort}}", (string?)resource["env"]![endpoint.Variable]);
            }
        }
    }

    [Fact]
    public void Bindings_have_distinct_ports_and_none_is_external()
    {
        var bindings = Resources.SelectMany(resource => resource.Value!["bindings"]!.AsObject().Select(binding => binding.Value!)).ToArray();
        Assert.All(bindings, binding => Assert.Null(binding["external"]));
        Assert.Distinct(bindings.Select(binding => (int)binding["targetPort"]!));
    }

    [Fact]
    public void Nobody_may_claim_an_address_by_a_header()
    {
        Assert.All(Resources, resource => Assert.Null(resource.Value!["env"]!["ASPNETCORE_FORWARDEDHEADERS_ENABLED"]));
        Assert.All(
            Statements().Where(text => text.Contains("AddProject", StringComparison.Ordinal)),
            statement => Assert.Contains(".DisableForwardedHeaders()", statement, StringComparison.Ordinal));
        // A proxy in front would be everybody.
        Assert.All(
            Statements().SelectMany(text => WithHttpEndpoint().Matches(text)),
            endpoint => Assert.Contains("isProxied: false", endpoint.Value, StringComparison.Ordinal));
    }

    [Fact]
    public void References_name_resources_and_endpoints_that_exist()
    {
        foreach (Match reference in Reference().Matches(Resources.ToJsonString()))
        {
            Assert.NotNull(Resources[reference.Groups["resource"].Value]?["bindings"]?[reference.Groups["endpoint"].Value]);
        }
    }

    private static string[] Statements() => AppHost.Split(";\n");

    [GeneratedRegex("""AddProject<Projects\.(?<type>\w+)>\("(?<name>[\w-]+)"\)""")]
    private static partial Regex AddProject();

    [GeneratedRegex("""WithHttpEndpoint\([^,]+,[^,]+, "(?<name>\w+)", "(?<env>\w+)"[^)]*\)""")]
    private static partial Regex WithHttpEndpoint();

    [GeneratedRegex(@"\{(?<resource>[\w-]+)\.bindings\.(?<endpoint>\w+)\.\w+\}")]
    private static partial Regex Reference();
}
