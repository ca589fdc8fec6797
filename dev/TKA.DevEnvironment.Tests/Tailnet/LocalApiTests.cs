using System.Net;
using System.Text.Json.Nodes;
using TKA.Tests.Infrastructure;
using Xunit;

namespace TKA.DevEnvironment.Tests.Tailnet;

/// <summary>The embedded LocalAPI answers as tailscaled 1.96.4 did: statuses, texts, headers and shapes.</summary>
public sealed class LocalApiTests : IAsyncLifetime
{
    private TestTailnet _tailnet = null!;
    private RawLocalApi _localApi = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _tailnet = await TestTailnet.StartAsync(Cancellation);
        _localApi = new RawLocalApi(_tailnet.SocketPath);
    }

    public async ValueTask DisposeAsync()
    {
        _localApi.Dispose();
        await _tailnet.DisposeAsync();
    }

    [Theory]
    [InlineData("whois", 400, "missing 'addr' parameter\n")]
    [InlineData("whois?addr=", 400, "missing 'addr' parameter\n")]
    [InlineData("whois?addr=nonsense", 400, "invalid 'addr' parameter\n")]
    [InlineData("whois?addr=127.0.0.1:99999", 400, "invalid 'addr' parameter\n")]
    [InlineData("whois?addr=127.1:80", 400, "invalid 'addr' parameter\n")]
    [InlineData("whois?addr=%3A%3A1:80:", 400, "invalid 'addr' parameter\n")]
    [InlineData("whois?addr=nodekey:zz", 400, "invalid nodekey in 'addr' parameter\n")]
    [InlineData("whois?addr=100.64.9.9", 404, "no match for IP:port\n")]
    [InlineData("whois?addr=127.0.0.77:4000&proto=tcp", 404, "no match for IP:port\n")]
    [InlineData("whois?addr=127.0.0.1", 404, "no match for IP:port\n")]
    [InlineData("whois?addr=127.0.0.1:4000&proto=udp", 404, "no match for IP:port\n")]
    [InlineData("whois?addr=%3A%3Affff:127.0.0.1", 404, "no match for IP:port\n")]
    [InlineData("whois?addr=[%3A%3Affff:127.0.0.1]:4000&proto=tcp", 404, "no match for IP:port\n")]
    [InlineData("whois?addr=nodekey:0000000000000000000000000000000000000000000000000000000000000000", 404, "no match for IP:port\n")]
    [InlineData("watch-ipn-bus?mask=x", 400, "bad mask\n")]
    [InlineData("cert/tka.tail0dev.ts.net?min_validity=soon", 400, "invalid validity parameter\n")]
    [InlineData("cert/evil.example.com?type=pair", 500, "invalid domain \"evil.example.com\"; must be one of [\"tka.tail0dev.ts.net\"]\n")]
    [InlineData("cert-domains", 404, "404 page not found\n")]
    [InlineData("nowhere", 404, "404 page not found\n")]
    public async Task Requests_that_fail_get_tailscaleds_words(string path, int status, string text)
    {
        using var response = await _localApi.GetAsync(path, Cancellation);

        Assert.Equal((HttpStatusCode)status, response.StatusCode);
        Assert.Equal(text, await response.Content.ReadAsStringAsync(Cancellation));
        Assert.Equal("text/plain", response.Content.Headers.ContentType?.MediaType);
        Assert.Equal("133", response.Headers.GetValues("Tailscale-Cap").Single());
        Assert.StartsWith("1.96.4", response.Headers.GetValues("Tailscale-Version").Single(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Host", "localhost")]
    [InlineData("Host", "127.0.0.1")]
    [InlineData("Host", "evil.example.com")]
    [InlineData("Referer", "http://local-tailscaled.sock/")]
    [InlineData("Origin", "http://local-tailscaled.sock")]
    public async Task Browsers_are_kept_out(string header, string value)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "status");
        request.Headers.TryAddWithoutValidation(header, value);
        using var response = await _localApi.SendAsync(request, Cancellation);

        Assert.Equal(HttpStatusCode.Forbidden, response.StatusCode);
        Assert.Equal("invalid localapi request\n", await response.Content.ReadAsStringAsync(Cancellation));
    }

    [Theory]
    [InlineData("127.0.0.1:4000")]
    [InlineData("100.64.0.2")]
    [InlineData("100.64.0.2:4000")]
    [InlineData("fd7a:115c:a1e0:ab12:4843:cd96:6240:2")]
    [InlineData("[fd7a:115c:a1e0:ab12:4843:cd96:6240:2]:4000")]
    public async Task Whois_knows_a_node_by_connection_and_by_address(string addr)
    {
        using var response = await _localApi.GetAsync($"whois?proto=tcp&addr={Uri.EscapeDataString(addr)}", Cancellation);
        var text = await response.Content.ReadAsStringAsync(Cancellation);
        var json = JsonNode.Parse(text)!;

        Assert.StartsWith("{\n\t\"Node\": {\n\t\t\"ID\": 2,\n\t\t\"StableID\": \"n", text, StringComparison.Ordinal);
        Assert.Equal("laptop-alice.tail0dev.ts.net.", (string?)json["Node"]!["Name"]);
        Assert.Equal("alice@example.com", (string?)json["UserProfile"]!["LoginName"]);
        Assert.Equal("Alice Müller", (string?)json["UserProfile"]!["DisplayName"]);
        Assert.Contains("Alice Müller", text, StringComparison.Ordinal);
        Assert.True((long)json["Node"]!["User"]! > 1L << 53);
        Assert.Equal(["view", "tka-edit"], json["CapMap"]!["specht-labs.de/cap/tka"]!.AsArray().Select(rule => (string?)rule!["role"]));
    }

    [Fact]
    public async Task Whois_of_a_node_without_grants_has_a_null_CapMap()
    {
        var carol = await GetJsonAsync("whois?proto=tcp&addr=127.0.0.3:1");
        Assert.True(carol.AsObject().ContainsKey("CapMap"));
        Assert.Null(carol["CapMap"]);
        Assert.False(carol["Node"]!.AsObject().ContainsKey("Tags"));

        var ci = await GetJsonAsync("whois?proto=tcp&addr=127.0.0.4:1");
        Assert.Equal("tagged-devices", (string?)ci["UserProfile"]!["LoginName"]);
        Assert.Equal(["tag:ci"], ci["Node"]!["Tags"]!.AsArray().Select(tag => (string?)tag));
    }

    [Fact]
    public async Task Status_tells_the_node_and_its_peers_when_asked_for()
    {
        var all = await GetJsonAsync("status");
        Assert.Equal("Running", (string?)all["BackendState"]);
        Assert.Equal("tka.tail0dev.ts.net.", (string?)all["Self"]!["DNSName"]);
        Assert.Equal(["tka.tail0dev.ts.net"], all["CertDomains"]!.AsArray().Select(domain => (string?)domain));
        Assert.Equal(7, all["Peer"]!.AsObject().Count);
        Assert.Contains("alice@other.org", all["User"]!.ToJsonString(), StringComparison.Ordinal);

        var alone = await GetJsonAsync("status?peers=false");
        Assert.Null(alone["Peer"]);
        Assert.Null(alone["User"]);
    }

    [Fact]
    public async Task The_bus_tells_state_and_its_changes()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "watch-ipn-bus?mask=2");
        using var response = await _localApi.SendAsync(request, Cancellation);
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(Cancellation));

        var first = JsonNode.Parse((await reader.ReadLineAsync(Cancellation))!)!;
        Assert.Equal(6, (int?)first["State"]);
        Assert.NotEmpty((string)first["SessionID"]!);
        await _localApi.WantRunningAsync(false, Cancellation);
        Assert.Equal(4, (int?)JsonNode.Parse((await reader.ReadLineAsync(Cancellation))!)!["State"]);
        Assert.Equal("Stopped", (string?)(await GetJsonAsync("status"))["BackendState"]);
    }

    [Fact]
    public async Task Serve_config_is_kept_and_guarded_by_its_etag()
    {
        using var empty = await _localApi.GetAsync("serve-config", Cancellation);
        Assert.Equal("null", await empty.Content.ReadAsStringAsync(Cancellation));
        var etag = empty.Headers.NonValidated["Etag"].ToString();
        Assert.Equal("74234e98afe7498fb5daf1f36ac2d78acc339464f950703b8c019892f982b90b", etag);

        Assert.Equal(HttpStatusCode.PreconditionFailed, await PostAsync("0000"));
        Assert.Equal(HttpStatusCode.OK, await PostAsync(etag));
        Assert.Equal("""{"AllowFunnel":{"tka:443":true}}""", await (await _localApi.GetAsync("serve-config", Cancellation)).Content.ReadAsStringAsync(Cancellation));

        async Task<HttpStatusCode> PostAsync(string match)
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, "serve-config") { Content = new StringContent("""{"AllowFunnel":{"tka:443":true}}""") };
            request.Headers.TryAddWithoutValidation("If-Match", match);
            using var response = await _localApi.SendAsync(request, Cancellation);
            return response.StatusCode;
        }
    }

    [Theory]
    [InlineData(130, "0001-01-01T00:00:00Z")]
    [InlineData(131, null)]
    public async Task Old_versions_write_the_zero_time_for_keys_that_never_expire(int version, string? expiry)
    {
        await using var tailnet = await TestTailnet.StartAsync(Cancellation, capabilityVersion: version);
        using var localApi = new RawLocalApi(tailnet.SocketPath);

        using var response = await localApi.GetAsync("whois?addr=127.0.0.4:4000&proto=tcp", Cancellation);

        Assert.Equal($"{version}", response.Headers.GetValues("Tailscale-Cap").Single());
        var node = JsonNode.Parse(await response.Content.ReadAsStringAsync(Cancellation))!["Node"]!;
        Assert.Equal(expiry, (string?)node["KeyExpiry"]);
        Assert.Equal(version, (int)node["Cap"]!);
    }

    [Fact]
    public async Task The_socket_is_the_owners_alone_and_goes_with_the_server()
    {
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(_tailnet.SocketPath));
        }

        await Assert.ThrowsAsync<IOException>(() => _tailnet.UpAsync(Cancellation));
        await _tailnet.DownAsync();
        Assert.False(File.Exists(_tailnet.SocketPath));

        // What a killed process leaves behind does not keep the next one out.
        await File.WriteAllTextAsync(_tailnet.SocketPath, "", Cancellation);
        await _tailnet.UpAsync(Cancellation);
        await GetJsonAsync("status");
    }

    private async Task<JsonNode> GetJsonAsync(string path)
    {
        using var response = await _localApi.GetAsync(path, Cancellation);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        return JsonNode.Parse(await response.Content.ReadAsStringAsync(Cancellation))!;
    }
}
