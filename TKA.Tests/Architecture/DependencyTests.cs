using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using System.Xml.Linq;
using TKA.Tests.Infrastructure;
using Xunit;

namespace TKA.Tests.Architecture;

/// <summary>Holds the table of rooms true (docs/architecture.md): what each may depend on, in project files and in what was compiled.</summary>
public sealed class DependencyTests
{
    private static readonly Dictionary<string, string[]> Table = new()
    {
        ["TKA.Contracts"] = [],
        ["TKA.Tailscale"] = ["TKA.Contracts"],
        ["TKA.Kubernetes"] = ["TKA.Contracts"],
        ["TKA.ServiceDefaults"] = [],
        ["TKA.Api"] = ["TKA.Contracts", "TKA.Tailscale", "TKA.Kubernetes", "TKA.ServiceDefaults"],
        ["TKA.Operator"] = ["TKA.Contracts", "TKA.Kubernetes", "TKA.ServiceDefaults"],
        ["TKA.Orchestrator"] = ["TKA.Contracts", "TKA.Tailscale", "TKA.ServiceDefaults"],
        ["TKA.Cli"] = ["TKA.Contracts"],
        ["TKA.DevEnvironment"] = ["TKA.Contracts"],
        ["TKA.AppHost"] = ["TKA.Api", "TKA.DevEnvironment", "TKA.Operator", "TKA.Orchestrator"],
    };

    /// <summary>Rooms that must run anywhere and start fast, so that they bring no packages along.</summary>
    private static readonly string[] WithoutPackages = ["TKA.Contracts"];

    /// <summary>Rooms that compose others and may name what those are made of.</summary>
    private static readonly string[] Composing = ["TKA.AppHost"];

    public static TheoryData<string> Rooms => [.. Table.Keys];

    [Fact]
    public void Every_project_has_a_place_in_the_table()
    {
        var projects = Directory.GetFiles(DeployFiles.RepositoryRoot, "TKA.*.csproj", SearchOption.AllDirectories)
            .Select(path => Path.GetFileNameWithoutExtension(path))
            .Except(["TKA.Tests", "TKA.Benchmarks"]);
        Assert.Equal(Table.Keys.Order(), projects.Order());
    }

    [Theory, MemberData(nameof(Rooms))]
    public void A_project_references_only_what_the_table_allows(string room)
    {
        var references = Items(room, "ProjectReference").Select(path => Path.GetFileNameWithoutExtension(path.Replace('\\', '/')));
        Assert.Empty(references.Except(Table[room]));
    }

    [Theory, MemberData(nameof(Rooms))]
    public void An_assembly_uses_only_what_the_table_allows(string room)
    {
        var path = Assembly(room);
        Assert.SkipUnless(File.Exists(path), $"{path} is not built (with Aspire the AppHost links nothing)");
        using var file = new PEReader(File.OpenRead(path));
        var metadata = file.GetMetadataReader();
        var used = metadata.AssemblyReferences
            .Select(handle => metadata.GetString(metadata.GetAssemblyReference(handle).Name))
            .Where(name => name.StartsWith("TKA.", StringComparison.Ordinal));
        var allowed = Composing.Contains(room) ? [.. Table[room], .. Table[room].SelectMany(part => Table[part])] : Table[room];
        Assert.Empty(used.Except(allowed));
    }

    [Theory, MemberData(nameof(Rooms))]
    public void Dependencies_point_one_way(string room)
    {
        var seen = new HashSet<string>();
        var next = new Queue<string>(Table[room]);
        while (next.TryDequeue(out var dependency))
        {
            Assert.NotEqual(room, dependency);
            if (seen.Add(dependency))
            {
                Table[dependency].ToList().ForEach(next.Enqueue);
            }
        }
    }

    [Fact]
    public void Contracts_bring_no_packages()
    {
        foreach (var room in WithoutPackages)
        {
            Assert.Empty(Items(room, "PackageReference"));
        }
    }

    [Fact]
    public void The_api_cannot_see_the_operator() =>
        Assert.DoesNotContain(Items("TKA.Api", "ProjectReference"), path => path.Contains("TKA.Operator", StringComparison.Ordinal));

    private static IEnumerable<string> Items(string room, string kind) =>
        XDocument.Load(Path.Combine(DeployFiles.RepositoryRoot, room, $"{room}.csproj")).Descendants(kind).Attributes("Include").Select(attribute => attribute.Value);

    /// <summary>As built beside the room, in the configuration of the tests: the copy beside the tests could be another.</summary>
    private static string Assembly(string room)
    {
        var output = new DirectoryInfo(AppContext.BaseDirectory.TrimEnd(Path.DirectorySeparatorChar));
        var name = room == "TKA.Cli" ? "tka" : room;
        return Path.Combine(DeployFiles.RepositoryRoot, room, "bin", output.Parent!.Name, output.Name, $"{name}.dll");
    }
}
