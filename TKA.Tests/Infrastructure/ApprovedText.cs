using Snapshooter;
using Snapshooter.Xunit3;
using Xunit;

namespace TKA.Tests.Infrastructure;

/// <summary>
/// Texts that a person approved, in a <c>__snapshots__</c> folder beside their test. After a wanted change delete the
/// file there, run the test without <c>CI</c> in the environment, and look at the new one.
/// </summary>
internal static class ApprovedText
{
    /// <summary>
    /// Compares the text with the approved one. The folder is taken from the repository's root, not from the test's
    /// compiled path: a build for CI maps that to <c>/_/</c>, where each machine would approve its own text.
    /// </summary>
    /// <param name="text">What is shown now.</param>
    /// <param name="name">The file's name without <c>.snap</c>.</param>
    /// <param name="folder">The test's folder below the repository's root, as <c>TKA.Tests/Cli</c>.</param>
    public static void Match(string text, string name, string folder)
    {
        var directory = Path.Combine(DeployFiles.RepositoryRoot, folder);
        var file = Path.Combine(directory, "__snapshots__", $"{name}.snap");
        Assert.True(File.Exists(file) || Environment.GetEnvironmentVariable("CI") is not { Length: > 0 }, $"{file} is missing: run the test without CI in the environment to write it.");

        Snapshot.Match(text, new SnapshotFullName($"{name}.snap", directory));
    }
}
