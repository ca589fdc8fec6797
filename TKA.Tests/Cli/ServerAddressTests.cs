using TKA.Cli.Configuration;
using TKA.Cli.Errors;
using Xunit;

namespace TKA.Tests.Cli;

public sealed class ServerAddressTests
{
    [Theory]
    [InlineData("tka", 443, "example.ts.net", "https://tka.example.ts.net/")]
    [InlineData("tka", 443, ".example.ts.net", "https://tka.example.ts.net/")]
    [InlineData("tka", 443, "", "https://tka/")]
    [InlineData("tka", 8080, "example.ts.net", "http://tka.example.ts.net:8080/")]
    [InlineData("tka.other.ts.net", 443, "example.ts.net", "https://tka.other.ts.net/")]
    [InlineData("tka.other.ts.net.", 443, "", "https://tka.other.ts.net/")]
    [InlineData("tka:8080", 443, "example.ts.net", "http://tka.example.ts.net:8080/")]
    [InlineData("localhost", 8080, "example.ts.net", "http://localhost:8080/")]
    [InlineData("127.0.0.1:8480", 443, "example.ts.net", "http://127.0.0.1:8480/")]
    [InlineData("100.64.0.1", 443, "example.ts.net", "https://100.64.0.1/")]
    [InlineData("fd7a:115c:a1e0::1", 443, "", "https://[fd7a:115c:a1e0::1]/")]
    [InlineData("[::1]:80", 443, "", "http://[::1]/")]
    [InlineData("http://tka:9", 443, "example.ts.net", "http://tka:9/")]
    [InlineData("https://tka:9/", 443, "example.ts.net", "https://tka:9/")]
    public void Follows_the_rules(string address, int port, string tailnet, string expected) =>
        Assert.Equal(expected, ServerAddress.Parse(address, port, tailnet).ToString());

    /// <summary>What a context is named after when no cluster was named.</summary>
    [Theory]
    [InlineData("https://tka-prod.example.ts.net/", "example.ts.net", "tka-prod")]
    [InlineData("https://tka-prod.example.ts.net/", ".example.ts.net.", "tka-prod")]
    [InlineData("https://tka-prod.example.ts.net/", "", "tka-prod.example.ts.net")]
    [InlineData("https://tka-prod.other.ts.net/", "example.ts.net", "tka-prod.other.ts.net")]
    [InlineData("http://127.0.0.1:8480/", "example.ts.net", "127.0.0.1")]
    [InlineData("http://[fd7a:115c:a1e0::1]/", "", "fd7a-115c-a1e0--1")]
    public void A_server_names_its_cluster(string server, string tailnet, string expected) =>
        Assert.Equal(expected, ServerAddress.NameOf(new Uri(server), tailnet));

    [Theory]
    [InlineData("")]
    [InlineData("a b")]
    [InlineData("ftp://tka")]
    [InlineData("https://tka/path")]
    [InlineData("https://user@tka")]
    [InlineData("user@tka")]
    [InlineData("tka/path")]
    [InlineData("tka?x")]
    [InlineData("tka:port")]
    [InlineData("tka:0:0")]
    public void Refuses_what_is_none(string address) =>
        Assert.Equal(2, Assert.Throws<CliException>(() => ServerAddress.Parse(address, 443, "")).ExitCode);
}
