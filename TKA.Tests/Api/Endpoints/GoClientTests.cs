using System.Net;
using System.Text.Json;
using TKA.Tests.Infrastructure;
using Xunit;

namespace TKA.Tests.Api.Endpoints;

/// <summary>
/// A client that knows only what the Go TKA's does, the contract's "=" rows: no Prefer, no body, polls, decodes
/// message, advice and cause. It must get through login, kubeconfig, status and logout.
/// </summary>
public class GoClientTests
{
    private const string Base = "/api/v1alpha1";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_Go_client_gets_through_the_whole_loop()
    {
        await using var stack = await TkaStack.StartAsync(Cancel);
        var http = stack.From("127.0.0.1");

        var (status, before) = await RequestAsync(http, "GET", "/login");
        Assert.Equal(HttpStatusCode.Unauthorized, status);
        AssertHumane(before);

        var (accepted, login) = await RequestAsync(http, "POST", "/login");
        Assert.Equal(HttpStatusCode.Accepted, accepted);
        AssertLogin(login);

        var kubeconfig = await PollAsync(http, "/kubeconfig");
        var context = kubeconfig.GetProperty("current-context").GetString()!;
        Assert.StartsWith("tka-context-", context, StringComparison.Ordinal);
        var inner = kubeconfig.GetProperty("contexts").GetProperty(context);
        var cluster = kubeconfig.GetProperty("clusters").GetProperty(inner.GetProperty("cluster").GetString()!);
        var user = kubeconfig.GetProperty("users").GetProperty(inner.GetProperty("user").GetString()!);
        Assert.NotEmpty(user.GetProperty("token").GetString()!);
        Assert.StartsWith("https://", cluster.GetProperty("server").GetString(), StringComparison.Ordinal);
        // []byte in Go: base64 in JSON.
        Assert.NotEmpty(cluster.GetProperty("certificate-authority-data").GetBytesFromBase64());
        Assert.Equal(("Config", "v1"), (kubeconfig.GetProperty("kind").GetString(), kubeconfig.GetProperty("apiVersion").GetString()));

        using (var yaml = new HttpRequestMessage(HttpMethod.Get, Base + "/kubeconfig"))
        {
            yaml.Headers.TryAddWithoutValidation("Accept", "application/yaml");
            using var response = await http.SendAsync(yaml, Cancel);
            Assert.Equal("application/yaml", response.Content.Headers.ContentType?.MediaType);
        }

        AssertLogin(await PollAsync(http, "/login"));
        var (_, info) = await RequestAsync(http, "GET", "/cluster-info");
        Assert.NotEmpty(info.GetProperty("server_url").GetString()!);
        Assert.Equal(JsonValueKind.False, info.GetProperty("insecure_skip_tls_verify").ValueKind);
        Assert.NotEmpty(info.GetProperty("ca_data").GetString()!);
        Assert.Equal(JsonValueKind.Object, info.GetProperty("labels").ValueKind);

        var (ok, logout) = await RequestAsync(http, "POST", "/logout");
        Assert.Equal(HttpStatusCode.OK, ok);
        AssertLogin(logout);
        var (again, problem) = await RequestAsync(http, "POST", "/logout");
        Assert.Equal(HttpStatusCode.NotFound, again);
        AssertHumane(problem);
        var (gone, _) = await RequestAsync(http, "GET", "/kubeconfig");
        Assert.Equal(HttpStatusCode.Unauthorized, gone);
    }

    private static async Task<JsonElement> PollAsync(HttpClient http, string path)
    {
        for (var i = 0; i < 100; i++)
        {
            using var response = await http.GetAsync(Base + path, Cancel);
            if (response.StatusCode == HttpStatusCode.OK)
            {
                return JsonDocument.Parse(await response.Content.ReadAsStringAsync(Cancel)).RootElement;
            }

            Assert.Equal(HttpStatusCode.Accepted, response.StatusCode);
            Assert.NotNull(response.Headers.RetryAfter?.Delta);
            await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System, Cancel);
        }

        throw new TimeoutException(path);
    }

    private static async Task<(HttpStatusCode Status, JsonElement Body)> RequestAsync(HttpClient http, string method, string path)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), Base + path);
        using var response = await http.SendAsync(request, Cancel);
        return (response.StatusCode, JsonDocument.Parse(await response.Content.ReadAsStringAsync(Cancel)).RootElement);
    }

    private static void AssertLogin(JsonElement body)
    {
        Assert.Equal("alice@example.com", body.GetProperty("username").GetString());
        Assert.Equal("view", body.GetProperty("role").GetString());
        Assert.Matches(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$", body.GetProperty("until").GetString());
    }

    private static void AssertHumane(JsonElement body)
    {
        Assert.NotEmpty(body.GetProperty("message").GetString()!);
        Assert.NotEmpty(body.GetProperty("advice").EnumerateArray());
        Assert.All(body.GetProperty("advice").EnumerateArray(), item => Assert.Equal(JsonValueKind.String, item.ValueKind));
        Assert.False(body.TryGetProperty("cause", out var cause) && cause.ValueKind is not (JsonValueKind.Object or JsonValueKind.Null));
    }
}
