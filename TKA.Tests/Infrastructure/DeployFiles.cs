using System.Text.RegularExpressions;

namespace TKA.Tests.Infrastructure;

/// <summary>The manifests of <c>deploy/</c> that make a cluster ready for TKA, in the order to apply them.</summary>
public static partial class DeployFiles
{
    /// <summary>Directory with the solution.</summary>
    public static string RepositoryRoot { get; } = FindRoot();

    /// <summary>File names and contents; names that are the cluster's get <paramref name="suffix"/>.</summary>
    public static IReadOnlyList<(string Name, string Yaml)> Read(string suffix = "")
    {
        var deploy = Path.Combine(RepositoryRoot, "deploy");
        string[] files =
        [
            Path.Combine(deploy, "base", "namespaces.yaml"),
            .. In(deploy, "crd"),
            .. In(deploy, "base/rbac"),
            .. In(deploy, "base/admission"),
            Path.Combine(deploy, "base", "quota.yaml"),
        ];
        return [.. files.Where(File.Exists).Select(f => (Path.GetFileName(f), Rename(File.ReadAllText(f), suffix)))];
    }

    /// <summary>Whether a file holds what all installations of a cluster share: the CRD, the roles of sessions.</summary>
    public static bool IsDefinition(string name) => name == "roles.yaml" || File.Exists(Path.Combine(RepositoryRoot, "deploy", "crd", name));

    private static IEnumerable<string> In(string deploy, string folder) =>
        Directory.Exists(Path.Combine(deploy, folder))
            ? Directory.EnumerateFiles(Path.Combine(deploy, folder), "*.yaml").Where(f => !f.EndsWith("kustomization.yaml", StringComparison.Ordinal)).Order(StringComparer.Ordinal)
            : [];

    private static string Rename(string yaml, string suffix)
    {
        if (suffix.Length == 0)
        {
            return yaml;
        }

        yaml = Namespaces().Replace(yaml, $"$0{suffix}");
        return string.Join("\n---\n", yaml.Split("\n---\n").Select(document =>
            ClusterScoped().IsMatch(document) ? Names().Replace(document, $"$0{suffix}") : document));
    }

    private static string FindRoot()
    {
        var directory = new DirectoryInfo(AppContext.BaseDirectory);
        while (directory is not null && !File.Exists(Path.Combine(directory.FullName, "TKA.sln")))
        {
            directory = directory.Parent;
        }

        return directory?.FullName ?? throw new InvalidOperationException("TKA.sln not found above the tests");
    }

    [GeneratedRegex(@"\btka-(system|sessions)\b")]
    private static partial Regex Namespaces();

    [GeneratedRegex(@"^kind: (ClusterRole|ClusterRoleBinding|ValidatingAdmissionPolicy|ValidatingAdmissionPolicyBinding)\s*$", RegexOptions.Multiline)]
    private static partial Regex ClusterScoped();

    [GeneratedRegex(@"(?<=^(metadata:\s*\n\s+name|\s+name|\s+policyName):\s)tka-(?!api$|operator$|guard$|system|sessions)[\w.-]+|(?<=resourceNames: \[)tka-(leaving|bindings|operator)(?=\])|(?<=^  name: )tka-(?!system|sessions)[\w.-]+", RegexOptions.Multiline)]
    private static partial Regex Names();
}
