using TKA.Contracts;
using TKA.Contracts.Rest;
using TKA.Tests.Infrastructure;
using Xunit;

namespace TKA.Tests.Api.Hostile;

/// <summary>A stack that hostile clients share.</summary>
public sealed class Besieged : IAsyncLifetime
{
    public TkaStack Stack { get; private set; } = null!;

    public async ValueTask InitializeAsync() => Stack = await TkaStack.StartAsync(CancellationToken.None, new TkaStackOptions { Operator = false });

    public ValueTask DisposeAsync() => Stack.DisposeAsync();
}

/// <summary>Clients that mean harm: never a 500, never a wrong identity.</summary>
public class HostileClientTests(Besieged shared) : IClassFixture<Besieged>
{
    private static readonly string[] Forgeries =
    [
        "X-Forwarded-For", "Forwarded", "X-Real-IP", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Original-For", "X-Client-IP", "True-Client-IP", "Via",
        "Tailscale-User-Login", "Tailscale-User-Name", "Tailscale-App-Capabilities", "Tailscale-Headers-Info", "tailscale_user_login", "X-Webauth-User", "Authorization",
    ];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private TkaStack Stack => shared.Stack;

    [Fact]
    public async Task No_header_changes_who_somebody_is()
    {
        foreach (var header in Forgeries)
        {
            foreach (var value in new[] { "127.0.0.6", "for=127.0.0.6", "dave@example.com", "127.0.0.6, 127.0.0.1", """{"specht-labs.de/cap/tka":[{"role":"admin","period":"8h","admin":true}]}""" })
            {
                var alice = await Stack.From("127.0.0.1").CallAsync(HttpMethod.Get, ApiRoutes.Access, null, (header, value));
                Assert.Equal("alice@example.com", alice.Expect(200).Read(ContractsJsonContext.Default.AccessResponse).Username);
                (await Stack.From("127.0.0.3").CallAsync(HttpMethod.Get, ApiRoutes.Access, null, (header, value))).Expect(403);
            }
        }
    }

    [Fact]
    public async Task All_forgeries_at_once_change_nothing_either()
    {
        var headers = Forgeries.Select(header => (header, "127.0.0.6")).ToArray();

        var reply = await Stack.From("127.0.0.1").CallAsync(HttpMethod.Get, ApiRoutes.Access, null, headers);

        Assert.Equal("alice@example.com", reply.Expect(200).Read(ContractsJsonContext.Default.AccessResponse).Username);
    }

    [Fact]
    public async Task Identity_is_the_connections_also_when_two_share_a_client_port()
    {
        // Keep-alive: the same person again; another device on another connection is another person.
        var (alice, bob) = (Stack.From("127.0.0.1"), Stack.From("127.0.0.2"));
        for (var i = 0; i < 5; i++)
        {
            var replies = await Task.WhenAll(alice.GetAsync(ApiRoutes.Access, wait: null), bob.GetAsync(ApiRoutes.Access, wait: null));
            Assert.Equal(
                ["alice@example.com", "bob@example.com"],
                replies.Select(reply => reply.Expect(200).Read(ContractsJsonContext.Default.AccessResponse).Username));
        }
    }

    [Theory]
    [InlineData("GET /api/v1alpha1/../v1alpha1/access HTTP/1.1")]
    [InlineData("GET //api/v1alpha1/sessions HTTP/1.1")]
    [InlineData("GET /api/v1alpha1/./sessions HTTP/1.1")]
    [InlineData("GET /api/v1alpha1/%73essions HTTP/1.1")]
    [InlineData("GET /api/v1alpha1/sessions%00 HTTP/1.1")]
    [InlineData("GET /api/v1alpha1/sessions/ HTTP/1.1")]
    [InlineData("GET /API/V1ALPHA1/SESSIONS HTTP/1.1")]
    [InlineData("GET /api/v1alpha1/sessions;x=1 HTTP/1.1")]
    [InlineData("GET /api/v1alpha1/sessions%2f HTTP/1.1")]
    [InlineData("GET \\api\\v1alpha1\\sessions HTTP/1.1")]
    [InlineData("DELETE /api/v1alpha1/sessions/%2e%2e HTTP/1.1")]
    [InlineData("DELETE /api/v1alpha1/sessions/tka-user-alice%2f..%2fx HTTP/1.1")]
    [InlineData("OPTIONS * HTTP/1.1")]
    [InlineData("CONNECT evil.example:443 HTTP/1.1")]
    [InlineData("TRACE /api/v1alpha1/access HTTP/1.1")]
    [InlineData("PRI * HTTP/2.0")]
    [InlineData("GET http://evil.example/api/v1alpha1/access HTTP/1.1")]
    [InlineData("GET /api/v1alpha1/access")]
    [InlineData("GET /api/v1alpha1/access HTTP/9.9")]
    [InlineData("\0\u0001\u0002")]
    [InlineData("G E T / HTTP/1.1")]
    public async Task Path_tricks_and_odd_requests_get_no_admin_page_and_no_500(string line)
    {
        var answer = await RawAsync($"{line}\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n");

        AssertHarmless(answer);
        Assert.DoesNotContain("\"items\"", answer, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /api/v1alpha1/sessions HTTP/1.1\r\nHost: x\r\n\r\n")]
    [InlineData("Content-Length: 5\r\nContent-Length: 50\r\n\r\nhello")]
    [InlineData("Content-Length: -1\r\n\r\n")]
    [InlineData("Content-Length: 99999999999999999999\r\n\r\n")]
    [InlineData("Transfer-Encoding: chunked\r\nContent-Type: application/json\r\n\r\nZZZ\r\n{}\r\n0\r\n\r\n")]
    [InlineData("Transfer-Encoding: xchunked\r\n\r\n")]
    [InlineData("Host: tka\r\nContent-Length: 0\r\n\r\n")]
    [InlineData(" Content-Length: 0\r\n\r\n")]
    [InlineData("Content-Type: application/json\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n{}")]
    public async Task Smuggled_and_malformed_bodies_are_harmless(string rest)
    {
        var answer = await RawAsync($"POST /api/v1alpha1/login HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n{rest}");

        AssertHarmless(answer);
        Assert.True(answer.Split("HTTP/1.1 ").Length <= 3, answer);
        Assert.DoesNotContain("\"items\"", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Oversize_is_refused_at_every_place()
    {
        // Somebody nobody else signs in as here: the last two answers are about a person without a session.
        var alice = Stack.From("127.0.0.5");
        (await alice.LoginAsync($$"""{"role":"{{new string('x', 20_000)}}"}""")).Expect(413);
        (await alice.LoginAsync($$"""{"role":"{{new string('x', 10_000)}}"}""")).Expect(403);
        (await alice.LoginAsync($$"""{"period":"{{new string('9', 10_000)}}h"}""")).Expect(422);
        (await alice.LoginAsync(new string('[', 10_000))).Expect(400);
        AssertHarmless(await RawAsync($"GET /{new string('a', 20_000)} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"), "414", "400");
        AssertHarmless(await RawAsync($"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX: {new string('a', 40_000)}\r\n\r\n"), "431");
        AssertHarmless(await RawAsync($"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n{string.Concat(Enumerable.Range(0, 200).Select(i => $"X{i}: 1\r\n"))}\r\n"), "431");
        (await alice.GetAsync(ApiRoutes.Login, wait: null, ("Prefer", string.Join(", ", Enumerable.Repeat("wait=0", 500))))).Expect(401);
        (await alice.GetAsync(ApiRoutes.Kubeconfig, wait: null, ("Accept", string.Join(", ", Enumerable.Repeat("application/yaml;q=0.123", 200))))).Expect(401);
    }

    [Fact]
    public async Task Strangers_do_not_wear_tailscaled_down()
    {
        // On a busy machine sixty take so long that more are let through meanwhile.
        await Eventually.TrueAsync(
            async () =>
            {
                var replies = await Task.WhenAll(Enumerable.Range(0, 60).Select(_ => Stack.From("127.0.0.200").GetAsync(ApiRoutes.Access, wait: null)));
                Assert.All(replies, reply => Assert.True((int)reply.Status is 403 or 429));
                return replies.Any(reply => (int)reply.Status == 429);
            },
            "a stranger is asked to wait");
        (await Stack.From("127.0.0.1").GetAsync(ApiRoutes.Access, wait: null)).Expect(200);
    }

    [Fact]
    public void Nothing_here_was_an_error_of_the_server() =>
        Assert.Empty(Stack.ApiErrors);

    private static void AssertHarmless(string answer, params string[] statuses)
    {
        // To something that is no HTTP/1.1 there is no answer, or a frame of HTTP/2 that ends the connection.
        if (!answer.StartsWith("HTTP/1.1 ", StringComparison.Ordinal))
        {
            Assert.DoesNotContain("{", answer, StringComparison.Ordinal);
            return;
        }

        var status = answer.Split(' ')[1];
        Assert.False(status.StartsWith('5') && status != "505", answer);
        Assert.True(statuses.Length == 0 || statuses.Contains(status), answer);
        Assert.DoesNotContain("   at ", answer, StringComparison.Ordinal);
        Assert.DoesNotContain("\r\nServer:", answer, StringComparison.Ordinal);
    }

    private async Task<string> RawAsync(string request)
    {
        using var connection = await RawConnection.OpenAsync(Stack.ApiUri, Cancel);
        await connection.SendAsync(request);
        return await connection.ReadToEndAsync();
    }
}
