using Xunit;

namespace TKA.AppHost.Tests;

/// <summary><c>aspire-manifest.json</c> is what the AppHost writes now.</summary>
public sealed class ManifestTests
{
    [Fact]
    public async Task The_checked_in_manifest_is_what_the_AppHost_writes()
    {
        // In the repository, because paths of projects are written relative to the manifest.
        var directory = Directory.CreateDirectory(Path.Combine(Repository.Root, "artifacts", "manifest", Path.GetRandomFileName()));
        try
        {
            var path = Path.Combine(directory.FullName, "aspire-manifest.json");
            var (code, output) = await Commands.RunAsync(
                "dotnet", [Repository.Assembly("TKA.AppHost"), "--operation", "publish", "--publisher", "manifest", "--output-path", path], []);
            Assert.True(code == 0, output);

            var written = (await File.ReadAllTextAsync(path, TestContext.Current.CancellationToken)).Replace("../../../", "", StringComparison.Ordinal);
            var checkedIn = await File.ReadAllTextAsync(Path.Combine(Repository.Root, "aspire-manifest.json"), TestContext.Current.CancellationToken);
            Assert.Equal(checkedIn.Trim(), written.Trim());
        }
        finally
        {
            directory.Delete(recursive: true);
        }
    }
}
