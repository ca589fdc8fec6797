using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text.Json;
using System.Text.Json.Nodes;
using TKA.Contracts;
using TKA.Contracts.Rest;
using TKA.DevEnvironment.Stack;

namespace TKA.AppHost.Commands;

/// <summary>A person of the embedded tailnet, who sends requests from their device's loopback address.</summary>
internal sealed class Person : IDisposable
{
    /// <summary>The people of the default policy; another login name of the policy can be given too.</summary>
    public static readonly IReadOnlyList<string> OfDefaultPolicy =
        ["alice@example.com", "bob@example.com", "carol@example.com", "alice@other.org", "dave@example.com"];

    /// <summary>The one who may see and end the sessions of all.</summary>
    public const string Admin = "dave@example.com";

    private readonly HttpClient _http;

    private Person(IPAddress device, Uri api) => _http = new HttpClient(new SocketsHttpHandler
    {
        UseProxy = false,
        ConnectCallback = async (context, cancellationToken) =>
        {
            var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            try
            {
                socket.Bind(new IPEndPoint(device, 0));
                await socket.ConnectAsync(IPAddress.Loopback, context.DnsEndPoint.Port, cancellationToken);
                return new NetworkStream(socket, ownsSocket: true);
            }
            catch
            {
                socket.Dispose();
                throw;
            }
        },
    })
    { BaseAddress = api };

    /// <summary>Finds a person's device in the policy.</summary>
    /// <exception cref="StackException">The policy has none.</exception>
    public static Person Find(string login, StackFiles files, Uri api) =>
        PolicyText.Read(files)["devices"]?.AsObject()
            .Where(device => (string?)device.Value?["user"] == login && (bool?)device.Value?["expired"] is not true)
            .Select(device => new Person(IPAddress.Parse(device.Key), api))
            .FirstOrDefault()
        ?? throw new StackException($"The policy has no device of {login}.");

    /// <summary>Signs in and waits until the session can be used.</summary>
    /// <exception cref="StackException">The API refused; with its own words.</exception>
    public async Task<SessionResponse> SignInAsync(string? role, CancellationToken cancellationToken)
    {
        using var login = await _http.PostAsJsonAsync(
            ApiRoutes.Login, new LoginRequest { Role = role }, ContractsJsonContext.Default.LoginRequest, cancellationToken);
        await RequireAsync(login, cancellationToken);
        using var request = new HttpRequestMessage(HttpMethod.Get, ApiRoutes.ForRole(ApiRoutes.Login, role));
        request.Headers.Add("Prefer", $"wait={ApiRoutes.MaxWaitSeconds}");
        using var status = await _http.SendAsync(request, cancellationToken);
        await RequireAsync(status, cancellationToken);
        return (await status.Content.ReadFromJsonAsync(ContractsJsonContext.Default.SessionResponse, cancellationToken))!;
    }

    /// <summary>The sessions of all people.</summary>
    public async Task<IReadOnlyList<SessionItem>> SessionsAsync(CancellationToken cancellationToken)
    {
        using var answer = await _http.GetAsync(ApiRoutes.Sessions, cancellationToken);
        await RequireAsync(answer, cancellationToken);
        return (await answer.Content.ReadFromJsonAsync(ContractsJsonContext.Default.SessionList, cancellationToken))!.Items;
    }

    /// <summary>Ends a session.</summary>
    public async Task EndAsync(string session, CancellationToken cancellationToken)
    {
        using var answer = await _http.DeleteAsync($"{ApiRoutes.Sessions}/{session}", cancellationToken);
        await RequireAsync(answer, cancellationToken);
    }

    /// <inheritdoc/>
    public void Dispose() => _http.Dispose();

    private static async Task RequireAsync(HttpResponseMessage answer, CancellationToken cancellationToken)
    {
        if (answer.IsSuccessStatusCode)
        {
            return;
        }

        var text = await answer.Content.ReadAsStringAsync(cancellationToken);
        try
        {
            var problem = JsonNode.Parse(text);
            throw new StackException($"{(int)answer.StatusCode} {problem?["message"] ?? problem?["detail"]}");
        }
        catch (JsonException)
        {
            throw new StackException($"{(int)answer.StatusCode} {text}");
        }
    }
}
