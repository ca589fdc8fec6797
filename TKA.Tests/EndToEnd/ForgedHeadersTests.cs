using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using TKA.Contracts;
using TKA.Contracts.Rest;
using Xunit;

namespace TKA.Tests.EndToEnd;

/// <summary>
/// The caller is whoever the connection says, whatever the headers claim. <see cref="DevStack"/> runs with
/// <c>ASPNETCORE_FORWARDEDHEADERS_ENABLED=true</c>, which makes ASP.NET Core believe X-Forwarded-For from anyone.
/// </summary>
public sealed class ForgedHeadersTests(DevStack stack) : IAsyncLifetime
{
    public async ValueTask InitializeAsync() => await stack.StartedAsync();

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    public static TheoryData<string, string> Forgeries => new()
    {
        { "X-Forwarded-For", "127.0.0.1" },
        { "X-Forwarded-For", "100.64.0.2, 127.0.0.1" },
        { "Forwarded", "for=127.0.0.1;proto=https;by=127.0.0.1" },
        { "X-Real-IP", "127.0.0.1" },
        { "X-Original-For", "127.0.0.1:1234" },
        { "Tailscale-User-Login", "alice@example.com" },
        { "Tailscale-User-Name", "Alice" },
        { "tailscale_user_login", "alice@example.com" },
        { "Tailscale-App-Capabilities", """{"specht-labs.de/cap/tka":[{"role":"cluster-admin","period":"8h","admin":true}]}""" },
        { "X-Remote-User", "alice@example.com" },
        { "Impersonate-User", "alice@example.com" },
        { "Authorization", "Bearer alice" },
    };

    [Theory]
    [MemberData(nameof(Forgeries))]
    public async Task Headers_forge_nothing(string header, string value)
    {
        using var client = From("127.0.0.2");
        using var request = new HttpRequestMessage(HttpMethod.Get, ApiRoutes.Access);
        Assert.True(request.Headers.TryAddWithoutValidation(header, value));

        using var response = await client.SendAsync(request, TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        var access = await response.Content.ReadFromJsonAsync(ContractsJsonContext.Default.AccessResponse, TestContext.Current.CancellationToken);
        Assert.Equal("bob@example.com", access!.Username);
        Assert.False(access.Admin);
    }

    [Theory]
    [MemberData(nameof(Forgeries))]
    public async Task Headers_give_nobody_a_grant(string header, string value)
    {
        using var client = From("127.0.0.3");
        using var request = new HttpRequestMessage(HttpMethod.Post, ApiRoutes.Login);
        Assert.True(request.Headers.TryAddWithoutValidation(header, value));

        using var response = await client.SendAsync(request, TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.Forbidden, response.StatusCode);
    }

    private HttpClient From(string source) => new(new SocketsHttpHandler
    {
        ConnectCallback = async (context, cancellationToken) =>
        {
            var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            socket.Bind(new IPEndPoint(IPAddress.Parse(source), 0));
            await socket.ConnectAsync(context.DnsEndPoint, cancellationToken);
            return new NetworkStream(socket, ownsSocket: true);
        },
    })
    {
        BaseAddress = new Uri(stack.Env["TKA_SERVER"]),
    };
}
