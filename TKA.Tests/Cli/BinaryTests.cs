using System.Text.Json;
using TKA.Cli.Kubeconfigs;
using TKA.Contracts;
using Xunit;

namespace TKA.Tests.Cli;

public sealed class BinaryTests : IDisposable
{
    private readonly CliHome _home = new();

    public void Dispose() => _home.Dispose();

    [Fact]
    public void The_binary_is_native_and_under_20_MB()
    {
        Assert.True(new FileInfo(CliBinary.Path).Length < 20 * 1024 * 1024);
        Assert.False(File.Exists(Path.ChangeExtension(CliBinary.Path, ".dll")));
        Assert.False(File.Exists(CliBinary.Path + ".dll"));
    }

    [Fact]
    public void Its_type_tables_are_mapped_and_neither_unpacked_nor_relocated_at_start()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Other systems have no such thing.");
        using var binary = File.OpenRead(CliBinary.Path);
        var header = new byte[18];
        binary.ReadExactly(header);

        // e_type of an ELF file: 2 is an executable with an address of its own, 3 one that is relocated. TKA.Cli.csproj says what it costs.
        Assert.Equal(2, BitConverter.ToUInt16(header, 16));
    }

    [Theory]
    [InlineData("lgoin", "Did you mean login?")]
    [InlineData("status --ouput json", "Did you mean --output?")]
    [InlineData("config output.thme x --force", "Did you mean output.theme?")]
    public async Task A_typing_error_gets_a_suggestion(string line, string suggestion)
    {
        var result = await _home.RunAsync(line.Split(' '));

        Assert.Equal(2, result.ExitCode);
        Assert.Contains(suggestion, result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Help_shows_examples_on_standard_output()
    {
        var result = await _home.RunAsync("login", "--help");

        Assert.Equal(0, result.ExitCode);
        Assert.Contains("eval \"$(tka login --quiet)\"", result.Output, StringComparison.Ordinal);
        Assert.Equal("", result.Error);
        Assert.Equal(0, (await _home.RunAsync()).ExitCode);
        Assert.Equal(0, (await _home.RunProgramAsync("/bin/bash", ["-o", "pipefail", "-c", "tka login --help | head -1 && tka --version | true"])).ExitCode);
    }

    [Fact]
    public void Client_gos_internal_form_of_a_kubeconfig_is_understood()
    {
        // With a member this client does not know, as later servers may send.
        var maps = JsonSerializer.Deserialize(
            """
            {"kind":"Config","apiVersion":"v1","preferences":{},"clusters":{"c":{"server":"https://k:6443","certificate-authority-data":"QUJD","extensions":null}},
             "users":{"u":{"token":"t","exec":{"command":"/bin/evil"}}},"contexts":{"x":{"cluster":"c","user":"u"}},"current-context":"x"}
            """,
            ContractsJsonContext.Default.KubeconfigMaps)!;
        var kubeconfig = ServerKubeconfig.From(maps);

        Assert.Equal(("c", "https://k:6443", "QUJD", "t"), (kubeconfig.Cluster, kubeconfig.Server, kubeconfig.CaData, kubeconfig.Token));
        Assert.DoesNotContain("evil", kubeconfig.ToYaml(), StringComparison.Ordinal);
    }
}
