using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using System.Xml.Linq;
using TKA.Tests.Infrastructure;
using Xunit;

namespace TKA.Tests.Architecture;

/// <summary>Holds the table of projects true (docs/architecture.md): what each may depend on, in project files and in what was compiled.</summary>
public sealed class DependencyTests
{
    private static readonly Dictionary<string, string[]> Table = new()
    {
        ["TKA.Contracts"] = [],
        ["TKA.Tailscale"] = ["TKA.Contracts"],
        ["TKA.Kubernetes"] = ["TKA.Contracts"],
        ["TKA.ServiceDefaults"] = ["TKA.Contracts"],
        ["TKA.State"] = ["TKA.Contracts"],
        ["TKA.Web"] = ["TKA.Contracts"],
        ["TKA.Api"] = ["TKA.Contracts", "TKA.Tailscale", "TKA.Kubernetes", "TKA.ServiceDefaults", "TKA.Web"],
        ["TKA.Operator"] = ["TKA.Contracts", "TKA.Kubernetes", "TKA.State", "TKA.ServiceDefaults"],
        ["TKA.Orchestrator"] = ["TKA.Contracts", "TKA.Tailscale", "TKA.State", "TKA.ServiceDefaults", "TKA.Web"],
        ["TKA.Cli"] = ["TKA.Contracts"],
        ["TKA.AppHost.Tests"] = ["TKA.AppHost", "TKA.Cli"],
        ["TKA.AppHost"] = ["TKA.Api", "TKA.Contracts", "TKA.DevEnvironment", "TKA.Operator", "TKA.Orchestrator"],
        ["TKA.DevEnvironment.Cluster"] = ["TKA.Contracts"],
        ["TKA.DevEnvironment.Tailnet"] = ["TKA.Contracts"],
        ["TKA.DevEnvironment.Dapr"] = ["TKA.Contracts"],
        ["TKA.DevEnvironment"] = ["TKA.Contracts", "TKA.DevEnvironment.Cluster", "TKA.DevEnvironment.Tailnet", "TKA.DevEnvironment.Dapr"],
        ["TKA.DevStack"] = ["TKA.Api", "TKA.Operator", "TKA.Orchestrator", "TKA.DevEnvironment"],
        ["TKA.DevEnvironment.Tests"] = ["TKA.Contracts", "TKA.DevEnvironment", "TKA.DevEnvironment.Cluster", "TKA.DevEnvironment.Tailnet", "TKA.DevEnvironment.Dapr"],
    };

    /// <summary>
    /// Packages that a project may name itself: a package decides what a project can do (reach Kubernetes, keep state), so it is part
    /// of the table.
    /// </summary>
    private static readonly Dictionary<string, string[]> Packages = new()
    {
        ["TKA.Contracts"] = [],
        ["TKA.Tailscale"] = [],
        ["TKA.Web"] = [],
        ["TKA.Kubernetes"] = ["KubernetesClient"],
        ["TKA.State"] = ["Dapr.Client"],
        ["TKA.Operator"] = [],
        ["TKA.Orchestrator"] = ["Microsoft.AspNetCore.OpenApi", "Scalar.AspNetCore"],
        ["TKA.Cli"] = ["Spectre.Console", "System.CommandLine", "YamlDotNet"],
        ["TKA.DevEnvironment.Cluster"] = ["Google.Protobuf", "YamlDotNet"],
        ["TKA.DevEnvironment.Tailnet"] = [],
        ["TKA.DevEnvironment.Dapr"] = ["Dapr.Protos", "Grpc.AspNetCore", "Microsoft.Data.Sqlite"],
        ["TKA.DevEnvironment"] = ["OpenTelemetry.Exporter.OpenTelemetryProtocol", "OpenTelemetry.Instrumentation.AspNetCore"],
        ["TKA.DevStack"] = [],
    };

    /// <summary>Projects that compose others and may name what those are made of.</summary>
    private static readonly string[] Composing = ["TKA.AppHost", "TKA.DevStack"];

    public static TheoryData<string> Projects => [.. Table.Keys];

    [Fact]
    public void Every_project_has_a_place_in_the_table()
    {
        var projects = Directory.GetFiles(DeployFiles.RepositoryRoot, "TKA.*.csproj", SearchOption.AllDirectories)
            .Select(path => Path.GetFileNameWithoutExtension(path))
            .Except(["TKA.Tests", "TKA.Benchmarks"]);
        Assert.Equal(Table.Keys.Order(), projects.Order());
    }

    [Theory, MemberData(nameof(Projects))]
    public void A_project_references_only_what_the_table_allows(string project)
    {
        var references = Items(project, "ProjectReference").Select(path => Path.GetFileNameWithoutExtension(path.Replace('\\', '/')));
        Assert.Empty(references.Except(Table[project]));
    }

    [Theory, MemberData(nameof(Projects))]
    public void An_assembly_uses_only_what_the_table_allows(string project)
    {
        var path = Assembly(project);
        Assert.SkipUnless(File.Exists(path), $"{path} is not built (with Aspire the AppHost links nothing)");
        using var file = new PEReader(File.OpenRead(path));
        var metadata = file.GetMetadataReader();
        var used = metadata.AssemblyReferences
            .Select(handle => metadata.GetString(metadata.GetAssemblyReference(handle).Name))
            .Where(name => name.StartsWith("TKA.", StringComparison.Ordinal));
        var allowed = Composing.Contains(project) ? [.. Table[project], .. Table[project].SelectMany(part => Table[part])] : Table[project];
        Assert.Empty(used.Except(allowed));
    }

    [Theory, MemberData(nameof(Projects))]
    public void Dependencies_point_one_way(string project)
    {
        var seen = new HashSet<string>();
        var next = new Queue<string>(Table[project]);
        while (next.TryDequeue(out var dependency))
        {
            Assert.NotEqual(project, dependency);
            if (seen.Add(dependency))
            {
                Table[dependency].ToList().ForEach(next.Enqueue);
            }
        }
    }

    [Fact]
    public void A_project_names_only_the_packages_of_the_table()
    {
        foreach (var (project, packages) in Packages)
        {
            Assert.Empty(Items(project, "PackageReference").Except(packages));
        }
    }

    [Fact]
    public void The_api_cannot_see_the_operator() =>
        Assert.DoesNotContain(Items("TKA.Api", "ProjectReference"), path => path.Contains("TKA.Operator", StringComparison.Ordinal));

    private static IEnumerable<string> Items(string project, string kind) =>
        XDocument.Load(Path.Combine(Folder(project), $"{project}.csproj")).Descendants(kind).Attributes("Include").Select(attribute => attribute.Value);

    /// <summary>What only serves development stands under <c>dev/</c>.</summary>
    private static string Folder(string project) =>
        Path.Combine(DeployFiles.RepositoryRoot, project.StartsWith("TKA.Dev", StringComparison.Ordinal) ? "dev" : "", project);

    /// <summary>As built beside the project, in the configuration of the tests: the copy beside the tests could be another.</summary>
    private static string Assembly(string project)
    {
        var output = new DirectoryInfo(AppContext.BaseDirectory.TrimEnd(Path.DirectorySeparatorChar));
        var name = project == "TKA.Cli" ? "tka" : project;
        return Path.Combine(Folder(project), "bin", output.Parent!.Name, output.Name, $"{name}.dll");
    }
}
