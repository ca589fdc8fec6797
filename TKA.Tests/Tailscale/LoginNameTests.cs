using System.Net;
using TKA.Tests.Infrastructure;
using Xunit;

namespace TKA.Tests.Tailscale;

/// <summary>Login names as people and identity providers make them up: each stays itself, none breaks anything.</summary>
public sealed class LoginNameTests
{
    private const string Rule = """[{"role":"view","period":"8h"}]""";

    public static TheoryData<string> Names => new(
        "алиса@пример.рф",
        "アリス@例え.jp",
        "爱丽丝@例子.中国",
        "앨리스@예시.kr",
        "أليس@مثال.مصر",
        "עליסה@דוגמה.ישראל",
        "ऐलिस@उदाहरण.भारत",
        "อลิซ@ตัวอย่าง.ไทย",
        "αλίκη@παράδειγμα.ελ",
        "ალისა@მაგალითი.გე",
        "አሊስ@ምሳሌ.ኢት",
        "🦊🔑@emoji.example",
        "ａｌｉｃｅ@fullwidth.example",
        "alice\u200b@zero-width.example",
        "alice\u202egro.elpmaxe@bidi.example",
        "Åsa@combining.example",
        "A\u030Asa@combining.example",
        "\"quoted name\"@example.com",
        "o'hara@example.com",
        "slash/../../etc/passwd@example.com",
        "back\\slash@example.com",
        "semi;colon,comma@example.com",
        "percent%00%2f@example.com",
        "new\nline@example.com",
        "nul\0@example.com",
        "tab\t@example.com",
        "<script>alert(1)</script>@example.com",
        "{\"json\":true}@example.com",
        "alice+tag@example.com",
        "alice@github",
        "@example.com",
        "alice@",
        "@",
        "two@at@signs",
        new string('a', 300) + "@example.com",
        new string('界', 300) + "@example.com");

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Every_name_is_its_own_person(string login)
    {
        var cancellation = TestContext.Current.CancellationToken;
        await using var tailnet = await TestTailnet.StartAsync(
            cancellation, new TestTailnetPolicy().Person("127.0.0.1", login, Rule).Person("127.0.0.2", "x" + login, name: "other").ToString());
        await using var server = await WhoAmIServer.StartAsync(tailnet, cancellation);
        using var person = server.ClientFrom("127.0.0.1");
        using var other = server.ClientFrom("127.0.0.2");

        Assert.Equal($"{login} on laptop seen as {login}", await person.GetStringAsync("/rule", cancellation));
        using var refused = await other.GetAsync("/rule", cancellation);
        Assert.Equal(HttpStatusCode.Forbidden, refused.StatusCode);
    }

    [Theory]
    [InlineData(" ")]
    [InlineData("\t")]
    [InlineData("\u00a0")]
    public async Task A_blank_name_is_nobody(string login)
    {
        var cancellation = TestContext.Current.CancellationToken;
        await using var tailnet = await TestTailnet.StartAsync(
            cancellation, new TestTailnetPolicy().Person("127.0.0.1", login).Grant("*", Rule).ToString());
        await using var server = await WhoAmIServer.StartAsync(tailnet, cancellation);
        using var person = server.ClientFrom("127.0.0.1");

        using var refused = await person.GetAsync("/rule", cancellation);
        Assert.Equal(HttpStatusCode.Forbidden, refused.StatusCode);
    }
}
