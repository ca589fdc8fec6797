using System.Text;
using TKA.Cli.Errors;
using TKA.Cli.Kubeconfigs;
using Xunit;

namespace TKA.Tests.Cli;

/// <summary>Merging keeps everything else in the user's kubeconfig byte for byte, and logout removes exactly what was added.</summary>
public sealed class KubeconfigMergeTests : IDisposable
{
    private const string Commented = """
        # my clusters
        apiVersion: v1
        kind: Config
        preferences:
          colors: true   # for kubectl
        clusters:
          # production, be careful
          - name: "prod"
            cluster: {server: 'https://prod:6443', x-unknown: [1, 2]}
          - cluster:
              server: https://dev:6443
            name: dev   # trailing
        users:
        - name: prod
          user:
            token: &secret abc
        - name: dev
          user:
            token: *secret
        contexts:
        - context:
            cluster: dev
            user: dev
            extensions:
            - name: mine
              extension: {a: 1}
          name: dev
        current-context: "dev"

        # the end
        """;

    public static TheoryData<string> Kubeconfigs => new(
        Commented,
        Commented + "\n\n\n",
        Commented.ReplaceLineEndings("\r\n"),
        "\uFEFF" + Commented,
        "",
        "# only a comment",
        "---\napiVersion: v1\nkind: Config\n",
        "apiVersion: v1\nclusters: []\ncontexts: []  # none yet\ncurrent-context: \"\"\nkind: Config\npreferences: {}\nusers: []\n",
        "apiVersion: v1\nclusters: null\ncontexts: ~\nkind: Config\nusers:",
        "apiVersion: v1\nclusters:\ncontexts:\nusers:\ncurrent-context:\n",
        "apiVersion: v1\nkind: Config\ncurrent-context: other",
        """{"apiVersion":"v1","kind":"Config","clusters":[{"name":"a","cluster":{"server":"https://a"}}],"users":[],"contexts":[],"current-context":"a"}""",
        "{}",
        "{\n  \"kind\": \"Config\",\n  \"clusters\": [\n    {\"name\": \"a\", \"cluster\": {}}\n  ]\n}\n",
        "users:\n- name: a\n  user:\n    client-key-data: |\n      abc\n      def\n\n# after\nclusters:\n-\n  name: a\n  cluster: {}\n",
        "a: &x\n  b: 1\nusers: [{name: a, user: {}}]\nc: *x\n...\n",
        "apiVersion: v1\nusers:\n- name: a\n  user: {token: 'it''s'}\n---\nsecond: document\n",
        Commented.ReplaceLineEndings("\r\n").Replace("# the end", "# the end 🎈 ü \u2028 \u0085", StringComparison.Ordinal),
        Commented.Replace("# my clusters", "# 🎈🎈🎈", StringComparison.Ordinal).Replace("name: dev\n", "name: \"dev\" # 🎈\n", StringComparison.Ordinal),
        Commented.Replace("kind: Config\n", "kind: Config\r\n", StringComparison.Ordinal),
        "clusters: &c\n- name: a\n  cluster: {}\nusers: !!seq\n- name: a\n  user: {}\ncontexts: []\n",
        "\"clusters\": [{\"name\": \"a\", \"cluster\": {}},]\n'users' : []\ncontexts:   \n",
        "clusters: [\n  {name: a, cluster: {}} # last\n]\nusers: [\n  # nobody\n]\n",
        "? clusters\n: - name: a\n    cluster: {}\n? users\n: []\n",
        "contexts:\n- name: a\n  context: {}\n# about users\nusers: []\n\n\n# about clusters\nclusters:\n  # none\n\nkind: Config\n",
        "clusters:\n- name: a\n  cluster:\n    certificate-authority-data: |+\n      abc\n\n\nusers:\n- name: b\n  user:\n    token: >-\n      folded\n      text\n\n",
        "users:\n- name: b\n  user:\n    note: |+\n      text\n\n",
        "%YAML 1.1\n--- # start\nkind: Config\nclusters: []\n...\n# after\n",
        "--- {kind: Config, clusters: []}\n",
        "  apiVersion: v1\n  clusters: []\n  users:\n    - name: a\n      user: {}\n",
        "kind: Config\ncurrent-context: &cc dev # mine\nother: *cc\n",
        "kind: Config\ncurrent-context: >-\n  dev\nusers: []\n",
        "kind: Config\ncurrent-context:\n  dev\nusers: []\n",
        "kind: Config\ncurrent-context: # none\nusers: []\n",
        "kind: Config\nclusters: []   \nusers: [   ]\ncontexts: [ ] # x\n",
        "{kind: Config, users: [], current-context: }\n",
        "{\n  \"current-context\": \"a\",\n  \"users\": null,\n  \"contexts\": []\n}",
        "clusters:\n-   name: a\n    cluster: {}\n\n\n    # inside\nusers:\n-\n  name: odd\n");

    private readonly string _directory = Directory.CreateTempSubdirectory("tka-merge-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Theory]
    [MemberData(nameof(Kubeconfigs))]
    public async Task Logout_gives_back_every_byte(string original)
    {
        var path = Write(original);

        var record = await Context().WriteAsync(path, null, TimeProvider.System, Cancellation);
        var merged = Encoding.UTF8.GetString(File.ReadAllBytes(path));
        Assert.NotEqual(original, merged);
        AssertHolds(merged, "tka-test");
        AssertKeepsLines(original, merged);

        Assert.True((await MergedContext.RemoveAsync(record, TimeProvider.System, Cancellation)).Any);
        Assert.Equal(Encoding.UTF8.GetBytes(original), File.ReadAllBytes(path));
    }

    [Theory]
    [MemberData(nameof(Kubeconfigs))]
    public async Task Using_it_and_logging_in_again_still_gives_back_every_byte(string original)
    {
        var path = Write(original);

        var record = await (Context() with { Use = true }).WriteAsync(path, null, TimeProvider.System, Cancellation);
        Assert.Equal("tka-test", new KubeconfigEditor(File.ReadAllText(path)).CurrentContext);
        record = await (Context() with { AutoLogin = true }).WriteAsync(path, record, TimeProvider.System, Cancellation);
        record = await (Context() with { Name = "renamed", Use = true }).WriteAsync(path, record, TimeProvider.System, Cancellation);
        AssertHolds(File.ReadAllText(path), "renamed");
        Assert.DoesNotContain("tka-test", File.ReadAllText(path), StringComparison.Ordinal);

        await MergedContext.RemoveAsync(record, TimeProvider.System, Cancellation);
        Assert.Equal(Encoding.UTF8.GetBytes(original), File.ReadAllBytes(path));
    }

    [Theory]
    [InlineData("kind: Config\rclusters: []\rusers: []\r")]
    [InlineData("kind: Config\n\t\nclusters: []\t\nusers:\t[]\n")]
    public async Task What_cannot_be_changed_safely_is_left_alone(string original)
    {
        var path = Write(original);

        var error = await Assert.ThrowsAsync<CliException>(() => Context().WriteAsync(path, null, TimeProvider.System, Cancellation));

        Assert.Equal(ErrorCodes.KubeconfigInvalid, error.Code);
        Assert.Equal(original, File.ReadAllText(path));
        Assert.False(File.Exists(path + ".lock"));
    }

    [Theory]
    [InlineData("users: [{name: a, user: {token: x}}]", "users: [{name: a, user: {token: y}}]")]
    [InlineData("users: [{name: a}, {name: b}]", "users: [{name: a}]")]
    [InlineData("preferences: {colors: true}", "preferences: {colors: 'true'}")]
    [InlineData("x: {a: b}", "x: [a, b]")]
    [InlineData("x: 1", "{}")]
    public async Task A_change_that_touches_what_is_not_ours_is_never_written(string original, string changed)
    {
        var path = Write(original);

        await Assert.ThrowsAsync<CliException>(() => KubeconfigFile.ChangeAsync(path, ["tka-test"], _ => changed, TimeProvider.System, Cancellation));

        Assert.Equal(original, File.ReadAllText(path));
    }

    [Fact]
    public async Task A_file_that_was_made_goes_again_and_is_private_meanwhile()
    {
        var path = Path.Combine(_directory, "sub", "config");

        var record = await Context().WriteAsync(path, null, TimeProvider.System, Cancellation);
        Assert.Equal("600", CliHome.Mode(path));
        await MergedContext.RemoveAsync(record, TimeProvider.System, Cancellation);

        Assert.False(File.Exists(path));
    }

    [Fact]
    public async Task What_others_changed_meanwhile_stays()
    {
        var path = Write(Commented);
        var record = await (Context() with { Use = true }).WriteAsync(path, null, TimeProvider.System, Cancellation);

        var text = File.ReadAllText(path).Replace("current-context: tka-test", "current-context: prod", StringComparison.Ordinal);
        File.WriteAllText(path, text.Replace("  colors: true", "  colors: false", StringComparison.Ordinal));
        await MergedContext.RemoveAsync(record, TimeProvider.System, Cancellation);

        Assert.Equal(
            Commented.Replace("current-context: \"dev\"", "current-context: prod", StringComparison.Ordinal).Replace("colors: true", "colors: false", StringComparison.Ordinal),
            File.ReadAllText(path));
    }

    [Fact]
    public async Task The_namespace_the_user_set_survives_a_new_login()
    {
        var path = Write(Commented);
        var record = await Context().WriteAsync(path, null, TimeProvider.System, Cancellation);
        var editor = new KubeconfigEditor(File.ReadAllText(path));
        editor.SetNamespace("tka-test", "mine");
        File.WriteAllText(path, editor.Text);

        await Context().WriteAsync(path, record, TimeProvider.System, Cancellation);
        Assert.Contains("namespace: mine", File.ReadAllText(path), StringComparison.Ordinal);

        await (Context() with { Namespace = "other" }).WriteAsync(path, record, TimeProvider.System, Cancellation);
        Assert.Contains("namespace: other", File.ReadAllText(path), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_symbolic_link_stays_one_and_the_mode_stays_too()
    {
        var real = Path.Combine(_directory, "dotfiles");
        File.WriteAllText(real, Commented);
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(real, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead);
        }

        var link = Path.Combine(_directory, "config");
        File.CreateSymbolicLink(link, real);

        await Context().WriteAsync(link, null, TimeProvider.System, Cancellation);

        Assert.Equal(real, new FileInfo(link).LinkTarget);
        Assert.Equal("640", CliHome.Mode(real));
        AssertHolds(File.ReadAllText(real), "tka-test");
    }

    [Fact]
    public async Task Many_at_once_lose_nothing()
    {
        var path = Write(Commented);

        var records = await Task.WhenAll(Enumerable.Range(0, 12).Select(number => Task.Run(
            () => (Context() with { Name = $"tka-{number}" }).WriteAsync(path, null, TimeProvider.System, Cancellation),
            Cancellation)));
        var text = File.ReadAllText(path);
        Assert.All(Enumerable.Range(0, 12), number => AssertHolds(text, $"tka-{number}"));

        await Task.WhenAll(records.Select(record => Task.Run(() => MergedContext.RemoveAsync(record, TimeProvider.System, Cancellation), Cancellation)));
        Assert.Equal(Commented, File.ReadAllText(path));
        Assert.False(File.Exists(path + ".lock"));
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private static MergedContext Context() => new()
    {
        Name = "tka-test",
        TkaServer = "https://tka.example.ts.net/",
        Cluster = new ServerKubeconfig { Cluster = "test", Context = "c", User = "u", Server = "https://k:6443", CaData = "QUJD", Token = "t0ps3cret" },
    };

    private static void AssertHolds(string text, string name)
    {
        var editor = new KubeconfigEditor(text);
        Assert.All(KubeconfigEditor.Lists, list => Assert.NotNull(editor.Find(list, name)));
        Assert.Equal("https://k:6443", editor.Find("clusters", name)!["cluster"]!["server"]!.Text);
        Assert.Equal("client.authentication.k8s.io/v1", editor.Find("users", name)!["user"]!["exec"]!["apiVersion"]!.Text);
        Assert.DoesNotContain("t0ps3cret", text, StringComparison.Ordinal);
    }

    // All of the original is still there, in its order: the new text is the old with pieces put in.
    private static void AssertKeepsLines(string original, string merged)
    {
        var at = 0;
        foreach (var c in System.Text.RegularExpressions.Regex.Replace(original, @": *(\[[^\]{]*\]|null|~)", ":"))
        {
            at = merged.IndexOf(c, at) + 1;
            Assert.True(at > 0, $"'{c}' is missing in:\n{merged}");
        }
    }

    private string Write(string text)
    {
        var path = Path.Combine(_directory, "config");
        File.WriteAllText(path, text);
        return path;
    }
}
