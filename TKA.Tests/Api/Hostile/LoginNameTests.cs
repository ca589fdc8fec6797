using System.Collections.Concurrent;
using System.Text.RegularExpressions;
using CsCheck;
using TKA.Contracts;
using TKA.Contracts.Rest;
using TKA.Contracts.Sessions;
using TKA.Tests.Infrastructure;
using Xunit;

namespace TKA.Tests.Api.Hostile;

/// <summary>Login names of every kind: valid object names, one per person, never a 500.</summary>
public partial class LoginNameTests
{
    private static readonly string[] Names =
    [
        "alice@example.com", "ALICE@EXAMPLE.COM", "alice@github", "a.l+x@a.com", "@example.com", "@", "-@-", "...@x", "user name@x.y", "\"quoted\"@x.y", "o'brien@x.y",
        "a/b@x.y", "../../etc/passwd@x.y", "a\\b@x.y", "a%2fb@x.y", "a\tb@x.y", "alice", "ålice@x.y", "алиса@пример.рф", "爱丽丝@例子.公司", "アリス@例え.jp", "앨리스@예.한국",
        "أليس@مثال.عرب", "אליס@דוגמה.il", "एलिस@उदाहरण.भारत", "Αλίκη@π.gr", "ΑΛΊΚΗ@Π.GR", "İstanbul@x.tr", "straße@x.de", "STRASSE@x.de", "ﬀ@x.y", "👩‍💻@emoji.ws", "z̷̢a̷͝l@x.y",
        "<script>@x.y", "$(id)@x.y", "`id`@x.y", "{{7*7}}@x.y", "a\u200bb@x.y", "\u202ebob@x.y", "null", "true", "0", "tka-user-alice-1b4f0e98@x.y", "system:masters",
        new string('a', 300) + "@x.y", new string('é', 150) + "@x.y", new string('-', 60) + "@x.y",
    ];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Everybody_gets_a_session_of_their_own()
    {
        var policy = new TestTailnetPolicy();
        var people = Names.Select((name, i) => (Name: name, Source: $"127.0.{3 + (i / 200)}.{1 + (i % 200)}")).ToArray();
        foreach (var (name, source) in people)
        {
            policy.Person(source, name);
        }

        policy.Grant("*", """[{"role":"view","period":"8h"}]""");
        await using var stack = await TkaStack.StartAsync(Cancel, new TkaStackOptions { Policy = policy.ToString() });

        var owners = new Dictionary<string, string>();
        foreach (var (name, source) in people)
        {
            var client = stack.From(source);
            var reply = await client.LoginAsync();
            Assert.True((int)reply.Status is 202 or 422, $"{name}: {(int)reply.Status} {reply.Body}");
            if ((int)reply.Status != 202)
            {
                continue;
            }

            Assert.Equal(name.ToLowerInvariant(), reply.Session.Username.ToLowerInvariant());
            (await client.GetAsync(ApiRoutes.Login, wait: 20)).Expect(200);
            var maps = (await client.GetAsync(ApiRoutes.Kubeconfig, wait: 20)).Expect(200).Read(ContractsJsonContext.Default.KubeconfigMaps);
            var owner = owners.TryGetValue(maps.CurrentContext, out var other) ? other : owners[maps.CurrentContext] = name;
            Assert.Equal(owner.ToLowerInvariant(), name.ToLowerInvariant());
        }

        Assert.Empty(stack.ApiErrors);
    }

    [Fact]
    public void Names_are_valid_labels_whatever_the_login() =>
        Gen.String.Sample(login => Label().IsMatch(SessionNames.ForLogin(login)) && SessionNames.ForLogin(login).Length <= 63);

    [Fact]
    public void A_million_people_have_a_million_names()
    {
        // Slug and hash together: 32 bits of hash alone would collide about a hundred times among so many.
        var names = new ConcurrentDictionary<string, string>();
        Parallel.For(0, 1_000_000, i =>
        {
            var login = $"{(i % 2 == 0 ? "user" : "person.")}{i}@{(i % 3 == 0 ? "example.com" : "example.org")}";
            Assert.True(names.TryAdd(SessionNames.ForLogin(login), login), $"{login} and {names[SessionNames.ForLogin(login)]}");
        });
    }

    [Fact]
    public void Names_do_not_depend_on_case() =>
        Gen.String[Gen.Char['a', 'z'], 1, 30].Sample(local => SessionNames.ForLogin($"{local}@x.y") == SessionNames.ForLogin($"{local.ToUpperInvariant()}@X.Y"));

    [GeneratedRegex("^[a-z0-9]([-a-z0-9]*[a-z0-9])?$")]
    private static partial Regex Label();
}
