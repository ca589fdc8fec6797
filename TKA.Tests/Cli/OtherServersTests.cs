using System.Net;
using System.Net.Sockets;
using System.Text;
using TKA.Cli.Errors;
using Xunit;

namespace TKA.Tests.Cli;

/// <summary>The Go TKA's server, and servers behind the proxy of a tailscaled in userspace mode.</summary>
public sealed class OtherServersTests : FakeServerTests
{
    [Theory]
    [InlineData("login --role edit", "--role")]
    [InlineData("login --period 30m", "--period")]
    [InlineData("login --merge", "tka credential")]
    [InlineData("exec --role edit -- touch done", "--role")]
    [InlineData("shell --period 30m -- touch done", "--period")]
    public async Task What_a_Go_server_does_not_know_is_said_and_no_success(string line, string what)
    {
        Server.IsGo = true;

        var result = await Home.RunAsync([.. line.Split(' ')[..1], "-o", "json", .. line.Split(' ')[1..]]);

        Assert.True(result.ExitCode == 1, result.ToString());
        Assert.Equal(ErrorCodes.ServerTooOld, result.ErrorJson.GetProperty("code").GetString());
        Assert.Contains(what, result.ErrorJson.GetProperty("message").GetString(), StringComparison.Ordinal);
        Assert.Null(Server.Session);
        Assert.False(File.Exists(Home.File("done")));
        Assert.False(File.Exists(Home.File(".kube/config")));
    }

    [Fact]
    public async Task What_a_Go_server_knows_works()
    {
        Server.IsGo = true;
        foreach (var line in (string[])["login", "status", "kubeconfig", "exec -- true", "login --role view", "logout"])
        {
            var result = await Home.RunAsync(line.Split(' '));
            Assert.True(result.ExitCode == 0, $"{line}: {result}");
        }

        Assert.Null(Server.Session);
    }

    [Fact]
    public async Task What_a_later_server_says_beside_what_is_known_changes_nothing()
    {
        Server.IsLater = true;
        Home.Environment["TKA_ORCHESTRATOR"] = Server.Url.ToString();
        foreach (var line in (string[])["login", "status", "access", "kubeconfig", "exec -- true", "credential", "login --role edit --period 30m", "sessions", "clusters", "doctor", "refresh", "logout --all"])
        {
            var result = await Home.RunAsync(line.Split(' '));
            Assert.True(result.ExitCode == 0, $"{line}: {result}");
        }

        Assert.Null(Server.Session);
    }

    [Theory]
    [InlineData("TKA_TAILSCALE_PROXY", "http://127.0.0.1:PORT", true)]
    [InlineData("ALL_PROXY", "http://localhost:PORT", true)]
    [InlineData("https_proxy", "http://127.0.0.1:PORT", true)]
    [InlineData("ALL_PROXY", "http://192.0.2.1:PORT", false)]
    public async Task A_proxy_on_this_machine_leads_to_a_name_that_does_not_resolve(string variable, string value, bool works)
    {
        await using var proxy = new ConnectProxy(Server.Url.Port);
        Home.Environment["TKA_SERVER"] = "http://tka.example-tailnet.invalid";
        Home.Environment[variable] = value.Replace("PORT", $"{proxy.Port}", StringComparison.Ordinal);

        var result = await Home.RunAsync("access");

        Assert.True((works ? 0 : 5) == result.ExitCode, result.ToString());
        Assert.Equal(works, proxy.Seen.Contains("tka.example-tailnet.invalid", StringComparison.Ordinal));
        var doctor = await Home.RunAsync("doctor");
        Assert.Equal(works, doctor.Output.Contains($"through the proxy http://", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_server_that_is_reached_directly_sees_no_proxy_of_the_environment()
    {
        Home.Environment["ALL_PROXY"] = "http://127.0.0.1:1";
        Home.Environment["HTTPS_PROXY"] = "socks5h://127.0.0.1:1";
        Home.Environment["http_proxy"] = "http://127.0.0.1:1";

        Assert.Equal(0, (await Home.RunAsync("access")).ExitCode);
        Assert.Equal(2, (await Home.RunAsync("access", "--proxy", "ftp://x")).ExitCode);
    }

    /// <summary>Forwards every connection to one port, and notes what was asked for.</summary>
    private sealed class ConnectProxy : IAsyncDisposable
    {
        private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
        private readonly CancellationTokenSource _stop = new();
        private readonly Task _loop;

        public ConnectProxy(int target)
        {
            _listener.Start();
            _loop = RunAsync(target);
        }

        public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

        public string Seen { get; private set; } = "";

        public async ValueTask DisposeAsync()
        {
            await _stop.CancelAsync();
            await _loop;
            _listener.Stop();
            _stop.Dispose();
        }

        private async Task RunAsync(int target)
        {
            try
            {
                while (true)
                {
                    _ = ForwardAsync(await _listener.AcceptTcpClientAsync(_stop.Token), target);
                }
            }
            catch (Exception exception) when (exception is OperationCanceledException or SocketException or ObjectDisposedException)
            {
                // Stopped.
            }
        }

        private async Task ForwardAsync(TcpClient client, int target)
        {
            using (client)
            using (var server = new TcpClient())
            {
                await server.ConnectAsync(IPAddress.Loopback, target, _stop.Token);
                var buffer = new byte[4096];
                var count = await client.GetStream().ReadAsync(buffer, _stop.Token);
                Seen += Encoding.ASCII.GetString(buffer, 0, count);
                await server.GetStream().WriteAsync(buffer.AsMemory(0, count), _stop.Token);
                await Task.WhenAny(server.GetStream().CopyToAsync(client.GetStream(), _stop.Token), client.GetStream().CopyToAsync(server.GetStream(), _stop.Token));
            }
        }
    }
}
