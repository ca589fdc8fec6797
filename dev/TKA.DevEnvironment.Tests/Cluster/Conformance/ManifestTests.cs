using System.Text.Json.Nodes;
using Xunit;

namespace TKA.DevEnvironment.Tests.Cluster.Conformance;

/// <summary>
/// Manifests of built-in kinds, good ones and bad ones, with the verdict that a real 1.36 API server gave: its status and the fields at
/// fault. One file a resource in <c>Manifests/</c>, one manifest a line; a new case is a new line.
/// </summary>
public sealed class ManifestTests(ConformanceFixture fixture) : ConformanceTests(fixture)
{
    private const string Folder = "Manifests.";

    public static TheoryData<string> Files =>
        [.. typeof(ManifestTests).Assembly.GetManifestResourceNames().Where(n => n.StartsWith(Folder, StringComparison.Ordinal)).Select(n => n[Folder.Length..])];

    [Theory]
    [MemberData(nameof(Files))]
    public async Task Manifests_are_judged_as_by_a_real_server(string file)
    {
        var problems = new List<string>();
        foreach (var line in await ReadAsync(file))
        {
            var manifest = JsonNode.Parse(line)!;
            var answer = await PostAsync(
                ((string)manifest["path"]!).Replace("NS", Fixture.Namespace, StringComparison.Ordinal) + "?dryRun=All",
                manifest["body"]!.ToJsonString());
            var expected = manifest["fields"]!.AsArray().Select(f => (string)f!).ToList();
            var fields = answer.CauseFields.Select(SingleVersion).Distinct().Order(StringComparer.Ordinal).ToList();
            if (answer.Code != (int)manifest["code"]! || !expected.SequenceEqual(fields))
            {
                problems.Add($"{line}\n    {answer.Code} {(answer.Code < 300 ? "" : answer.Json["message"])}");
            }
        }

        Assert.True(problems.Count == 0, string.Join('\n', problems));
    }

    /// <summary>The real server shows the schema of a definition with one version where it was before there were versions.</summary>
    internal static string SingleVersion(string field) => field
        .Replace("spec.validation.openAPIV3Schema", "spec.versions[0].schema.openAPIV3Schema", StringComparison.Ordinal)
        .Replace("spec.additionalPrinterColumns", "spec.versions[0].additionalPrinterColumns", StringComparison.Ordinal)
        .Replace("spec.subresources", "spec.versions[0].subresources", StringComparison.Ordinal)
        .Replace("spec.selectableFields", "spec.versions[0].selectableFields", StringComparison.Ordinal)
        .Replace(".JSONPath", ".jsonPath", StringComparison.Ordinal);

    private static async Task<string[]> ReadAsync(string file)
    {
        using var reader = new StreamReader(typeof(ManifestTests).Assembly.GetManifestResourceStream(Folder + file)!);
        return (await reader.ReadToEndAsync(TestContext.Current.CancellationToken)).Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }
}
