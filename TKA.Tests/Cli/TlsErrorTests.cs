using System.Text;
using Xunit;

namespace TKA.Tests.Cli;

/// <summary>What can be wrong with TLS, each by a real listener: the message names the fault, and the advice fits it.</summary>
public sealed class TlsErrorTests : IDisposable
{
    private readonly CliHome _home = new();
    private readonly TestAuthority _authority = new();

    public TlsErrorTests() => _home.Environment["SSL_CERT_FILE"] = _home.Write("authority.pem", _authority.Pem);

    public void Dispose()
    {
        _authority.Dispose();
        _home.Dispose();
    }

    [Fact]
    public async Task A_certificate_that_is_right_is_taken()
    {
        await using var listener = new TlsListener(_authority.Issue("localhost"));

        // The listener says nothing after the handshake.
        await ExpectAsync($"https://localhost:{listener.Port}", "server-connection-lost", "broke before an answer came");
    }

    [Fact]
    public async Task A_certificate_for_another_name()
    {
        await using var listener = new TlsListener(_authority.Issue("tka.example.ts.net"));

        await ExpectAsync($"https://localhost:{listener.Port}", "server-tls", "its certificate is for tka.example.ts.net, not for localhost", "tka.example.ts.net");
    }

    [Fact]
    public async Task A_certificate_that_is_over()
    {
        await using var listener = new TlsListener(_authority.Issue("localhost", endsInDays: -1));

        await ExpectAsync($"https://localhost:{listener.Port}", "server-tls", "its certificate ended 24 h", "clock", "renew");
    }

    [Fact]
    public async Task A_certificate_of_an_authority_nobody_here_trusts()
    {
        _home.Environment.Remove("SSL_CERT_FILE");
        await using var listener = new TlsListener(_authority.Issue("localhost"));

        await ExpectAsync($"https://localhost:{listener.Port}", "server-tls", "its certificate comes from an authority this machine does not trust (CN=Test Authority)", "SSL_CERT_FILE");
    }

    [Fact]
    public async Task Https_where_no_TLS_is_spoken()
    {
        await using var server = await FakeTkaServer.StartAsync(TestContext.Current.CancellationToken);

        await ExpectAsync($"https://127.0.0.1:{server.Url.Port}", "server-tls", "it speaks no TLS there", $"http://127.0.0.1:{server.Url.Port}");
    }

    [Fact]
    public async Task A_handshake_that_the_server_breaks_off()
    {
        // A TLS alert: fatal, internal error. Go's servers send it when they have no certificate for the name.
        await using var listener = new TlsListener(static async (stream, cancellation) =>
        {
            var hello = new byte[1024];
            _ = await stream.ReadAsync(hello, cancellation);
            await stream.WriteAsync(new byte[] { 21, 3, 3, 0, 2, 2, 80 }, cancellation);
            await stream.Socket.DisconnectAsync(reuseSocket: false, cancellation);
        });

        await ExpectAsync($"https://localhost:{listener.Port}", "server-tls", "it broke off the handshake", "name");
    }

    [Theory]
    [InlineData("HTTP/1.0 400 Bad Request\r\n\r\nClient sent an HTTP request to an HTTPS server.\n")]
    [InlineData("HTTP/1.1 400 Bad Request\r\nContent-Type: text/html\r\nContent-Length: 6\r\n\r\n<html>")]
    [InlineData("\u0015\u0003\u0001\u0000\u0002\u0002\u0046")]
    [InlineData("")]
    public async Task Http_where_TLS_is_spoken(string answer)
    {
        await using var listener = TlsListener.ExplainsItself(_authority.Issue("localhost"), answer);

        await ExpectAsync($"http://localhost:{listener.Port}", "server-tls", "it speaks TLS there", $"https://localhost:{listener.Port}");
    }

    [Fact]
    public async Task Http_that_breaks_without_TLS_is_not_taken_for_TLS()
    {
        await using var listener = new TlsListener(static async (stream, cancellation) =>
        {
            _ = await stream.ReadAsync(new byte[1024], cancellation);
            await stream.WriteAsync(Encoding.ASCII.GetBytes("SSH-2.0-OpenSSH\r\n"), cancellation);
            await stream.Socket.DisconnectAsync(reuseSocket: false, cancellation);
        });

        await ExpectAsync($"http://localhost:{listener.Port}", "server-connection-lost", "broke before an answer came");
    }

    private async Task ExpectAsync(string server, string code, string message, params string[] advice)
    {
        var error = await _home.RunAsync("status", "-s", server, "-o", "json");

        Assert.True(error.ExitCode == 5, error.ToString());
        Assert.Equal(code, error.ErrorJson.GetProperty("code").GetString());
        Assert.True(error.ErrorJson.GetProperty("message").GetString()!.Contains(message, StringComparison.Ordinal), error.ToString());
        Assert.All(advice, part => Assert.Contains(part, error.ErrorJson.GetProperty("advice").ToString(), StringComparison.Ordinal));

        // The doctor goes the same way and must say the same.
        var doctor = await _home.RunAsync("doctor", "-s", server, "-o", "json");
        Assert.Equal(5, doctor.ExitCode);
        Assert.Contains(doctor.Json.GetProperty("checks").EnumerateArray(), check =>
            check.GetProperty("result").GetString() == "failed" && check.GetProperty("message").GetString()!.Contains(message, StringComparison.Ordinal));
    }
}
