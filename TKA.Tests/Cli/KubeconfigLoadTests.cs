using System.Text;
using Xunit;

namespace TKA.Tests.Cli;

/// <summary>What kubectl loads, tka merges; what kubectl does not load is refused before anybody signs in. Stock kubectl is the judge.</summary>
public sealed class KubeconfigLoadTests : FakeServerTests
{
    private const string Good = "apiVersion: v1\nkind: Config\nclusters:\n- name: a\n  cluster: {server: 'https://a'}\nusers:\n- name: ü\n  user: {token: x}\ncontexts: []\ncurrent-context: a\n";

    public static TheoryData<string, byte[]> Files => new()
    {
        { "UTF-8", Encoding.UTF8.GetBytes(Good) },
        { "UTF-8 with a mark", [0xEF, 0xBB, 0xBF, .. Encoding.UTF8.GetBytes(Good)] },
        { "UTF-16", [0xFF, 0xFE, .. Encoding.Unicode.GetBytes(Good)] },
        { "UTF-16, big end first", [0xFE, 0xFF, .. Encoding.BigEndianUnicode.GetBytes(Good)] },
        { "UTF-16 without a mark", Encoding.Unicode.GetBytes(Good) },
        { "NUL", Encoding.UTF8.GetBytes(Good + "# \0\n") },
        { "escape", Encoding.UTF8.GetBytes(Good + "# \u001b\n") },
        { "no UTF-8", [.. Encoding.UTF8.GetBytes(Good), 0x23, 0xFF, 0x0A] },
        { "Secret", Text(Good.Replace("kind: Config", "kind: Secret", StringComparison.Ordinal)) },
        { "no kind", Text(Good.Replace("kind: Config\n", "", StringComparison.Ordinal)) },
        { "no version", Text(Good.Replace("apiVersion: v1\n", "", StringComparison.Ordinal)) },
        { "v2", Text(Good.Replace("apiVersion: v1", "apiVersion: v2", StringComparison.Ordinal)) },
        { "two of one name", Text(Good.Replace("users:", "- name: a\n  cluster: {server: 'https://b'}\nusers:", StringComparison.Ordinal)) },
        { "two without names", Text(Good.Replace("users:", "- cluster: {server: 'https://b'}\n- cluster: {server: 'https://c'}\nusers:", StringComparison.Ordinal)) },
        { "number as a name", Text(Good.Replace("name: a", "name: 123", StringComparison.Ordinal)) },
        { "boolean as a name", Text(Good.Replace("name: a", "name: on", StringComparison.Ordinal)) },
        { "number in quotes", Text(Good.Replace("name: a", "name: '123'", StringComparison.Ordinal)) },
        { "number as a context", Text(Good.Replace("current-context: a", "current-context: 0x10", StringComparison.Ordinal)) },
        { "version as a context", Text(Good.Replace("current-context: a", "current-context: 1.2.3", StringComparison.Ordinal)) },
        { "mapping as a list", Text("clusters: {a: b}\n") },
        { "text as an entry", Text("kind: Config\nusers: [odd]\n") },
        { "list as an entry", Text("kind: Config\nusers: [[odd]]\n") },
        { "text", Text("hello\n") },
        { "empty", [] },
        { "JSON", Text("""{"kind":"Config","apiVersion":"v1","clusters":[{"name":"a","cluster":{"server":"https://a"}}],"users":null,"contexts":[],"current-context":""}""") },
    };

    [Theory]
    [MemberData(nameof(Files))]
    public async Task As_kubectl_so_tka(string name, byte[] content)
    {
        var path = Home.Write(".kube/config", "");
        await File.WriteAllBytesAsync(path, content, TestContext.Current.CancellationToken);
        var before = await KubectlAsync();

        var login = await Home.RunAsync("login", "--merge");

        Assert.True((before.ExitCode == 0) == (login.ExitCode == 0), $"{name}: kubectl {before}\ntka {login}");
        if (login.ExitCode == 0)
        {
            var after = await KubectlAsync();
            Assert.Contains("name: tka-127.0.0.1", after.Output, StringComparison.Ordinal);
            Assert.Equal(0, (await Home.RunAsync("logout")).ExitCode);
        }
        else
        {
            Assert.Equal(7, login.ExitCode);
            Assert.Null(Server.Session);
        }

        Assert.Equal(content, await File.ReadAllBytesAsync(path, TestContext.Current.CancellationToken));
    }

    private static byte[] Text(string text) => Encoding.UTF8.GetBytes(text);

    private Task<CliResult> KubectlAsync() => Home.RunProgramAsync("kubectl", ["config", "view"]);
}
