using System.Globalization;
using System.Net.Sockets;
using System.Text;
using Microsoft.AspNetCore.Http;
using TKA.Contracts.Rest;
using Xunit;
using ClusterEntry = TKA.Contracts.Orchestrator.Cluster;

namespace TKA.Tests.Cli;

/// <summary><c>tka clusters</c>, and signing in at several of them.</summary>
public sealed class ClustersTests : FakeServerTests
{
    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        Home.Environment["TKA_ORCHESTRATOR"] = Server.Url.ToString();
        Add("prod", Server.Url.ToString(), "prod");
    }

    [Fact]
    public async Task Each_cluster_says_my_role_and_one_that_is_silent_does_not_hold_the_others_up()
    {
        await using var refuses = await FakeTkaServer.StartAsync(TestContext.Current.CancellationToken);
        refuses.Intercept = http => FakeTkaServer.ProblemAsync(http, 403, "No rule grants you anything.", ["Ask carol@example.com."]);
        await using var silent = new TlsListener(static (_, cancellation) => Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellation));
        Add("closed", "http://127.0.0.1:1", "dev");
        Add("foreign", refuses.Url.ToString(), "dev");
        Add("silent", $"http://127.0.0.1:{silent.Port}", "dev");
        Add("nowhere", "", "dev");

        var json = (await Home.RunAsync("clusters", "-o", "json")).Json.GetProperty("items").EnumerateArray().ToDictionary(item => item.GetProperty("name").GetString()!);
        Assert.Equal(("view", true), (json["prod"].GetProperty("role").GetString(), json["prod"].GetProperty("reachable").GetBoolean()));
        Assert.Equal((null, true), (json["foreign"].GetProperty("role").GetString(), json["foreign"].GetProperty("reachable").GetBoolean()));
        Assert.False(json["closed"].GetProperty("reachable").GetBoolean());
        Assert.False(json["silent"].GetProperty("reachable").GetBoolean());
        Assert.Equal("It has no TKA server to sign in at.", json["nowhere"].GetProperty("problem").GetString());

        var table = (await Home.RunAsync("clusters", "-o", "wide")).Output;
        Assert.Matches(@"prod +ready +view +env=prod", table);
        Assert.Matches(@"foreign +ready +none", table);
        Assert.Matches(@"silent +ready, unreachable +unknown", table);
        Assert.Contains(Server.Url.ToString(), table, StringComparison.Ordinal);
        Assert.Matches(@"name: ""?prod""?\n(.*\n)*? +role: ""?view""?\n", (await Home.RunAsync("clusters", "-o", "yaml")).Output);
    }

    [Fact]
    public async Task One_command_signs_in_at_all_and_status_shows_all()
    {
        await using var second = await FakeTkaServer.StartAsync(TestContext.Current.CancellationToken);
        Add("dev", second.Url.ToString(), "dev");
        Add("closed", "http://127.0.0.1:1", "dev");

        var picked = await Home.RunAsync("login", "--all", "-l", "env=prod", "-o", "name");
        Assert.Equal((0, "tka-prod\n"), (picked.ExitCode, picked.Output));

        var all = await Home.RunAsync("login", "--all", "--quiet");
        Assert.Equal(5, all.ExitCode);
        Assert.Matches(@"^export KUBECONFIG='?[^:']+test-cluster[^:']*:[^:']+'?\n$|^export KUBECONFIG=.*:.*\n$", all.Output);

        var status = await Home.RunAsync("status", "-o", "json");
        Assert.Equal(0, status.ExitCode);
        Assert.Equal(["dev", "prod"], status.Json.GetProperty("sessions").EnumerateArray().Select(session => session.GetProperty("cluster").GetString()).Order());
        Assert.True(status.Json.GetProperty("base").GetBoolean());
        Assert.Equal(["tka-dev", "tka-prod"], status.Json.GetProperty("sessions").EnumerateArray().Select(session => session.GetProperty("context").GetString()).Order());

        await second.DisposeAsync();
        var partly = await Home.RunAsync("status");
        Assert.Equal(5, partly.ExitCode);
        Assert.True(System.Text.RegularExpressions.Regex.IsMatch(partly.Output, @"no +dev +- +- +- +unreachable"), partly.ToString());
        Assert.Matches(@"prod +view \(base\)", partly.Output);
    }

    [Fact]
    public async Task A_cluster_is_named_to_login_and_its_server_is_https_or_this_machine()
    {
        Add("plain", "http://10.0.0.1", "dev");

        var named = await Home.RunAsync("login", "prod", "-o", "json");
        Assert.Equal(("prod", "tka-prod"), (named.Json.GetProperty("cluster").GetString(), named.Json.GetProperty("context").GetString()));

        Assert.Contains("calls its cluster name-the-server-gives-itself, not prod", named.Error, StringComparison.Ordinal);
        var again = await Home.RunAsync("login", "prod");
        Assert.DoesNotContain("New here", again.Error, StringComparison.Ordinal);
        Assert.Equal(0, (await Home.RunAsync("logout", "--cluster", "prod")).ExitCode);
        Assert.Contains($"New here: the cluster name-the-server-gives-itself of {Server.Url.Authority}, Kubernetes at https://", (await Home.RunAsync("login", "prod")).Error, StringComparison.Ordinal);

        var plain = await Home.RunAsync("login", "plain");
        Assert.Equal(1, plain.ExitCode);
        Assert.Contains("no https address", plain.Error, StringComparison.Ordinal);
        Assert.Equal(2, (await Home.RunAsync("login", "prod", "--all")).ExitCode);
        Assert.Equal(2, (await Home.RunAsync("login", "-l", "env=dev")).ExitCode);
        Assert.All([await Home.RunAsync("clusters", "-l", "env in (dev"), await Home.RunAsync("login", "--all", "-l", "=prod")], result => Assert.Equal(2, result.ExitCode));
        Assert.Contains("plain", (await Home.RunAsync("__complete", "login", "")).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Names_are_completed_while_the_orchestrator_is_away_or_hangs()
    {
        Add("dev", "https://dev", "dev");
        Add("not a\nname", "https://dev", "dev");
        Assert.Equal(0, (await Home.RunAsync("clusters", "-o", "name")).ExitCode);

        Server.Intercept = async http =>
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, http.RequestAborted);
            return true;
        };
        var hanging = await Home.RunAsync("__complete", "login", "");
        await Server.DisposeAsync();
        var away = await Home.RunAsync("__complete", "login", "");

        Assert.All([hanging, away], completed =>
        {
            Assert.Equal((0, ""), (completed.ExitCode, completed.Error));
            Assert.Equal(["dev", "prod"], completed.Output.Split('\n').Select(line => line.Split('\t')[0]).Where(name => name is "dev" or "prod" or "name").Order());
        });
        Home.Environment["TKA_ORCHESTRATOR"] = "http://127.0.0.1:1";
        Assert.DoesNotContain("prod", (await Home.RunAsync("__complete", "login", "")).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Changes_are_printed_as_they_come()
    {
        Server.Intercept = async http =>
        {
            if (!http.Request.QueryString.Value!.Contains("watch=true", StringComparison.Ordinal))
            {
                return false;
            }

            http.Response.ContentType = "text/event-stream";
            var id = http.Request.Headers["Last-Event-ID"].ToString();
            await http.Response.WriteAsync(id switch
            {
                "" => Event("added", 1, "a") + Event("added", 1, "b") + "event: synced\nid: 1\ndata:\n\n" + "event: bookmark\nid: 7\ndata:\n\n",
                "7" => Event("removed", 8, "after-7"),

                // Another replica begins anew: a is as it was, b is gone, c is new.
                _ => Event("added", 9, "a", ",\"last_seen\":\"2026-11-24T08:00:00Z\"") + Event("added", 9, "c") + "event: added\nid: 9\ndata: nonsense\n\n" + "event: synced\nid: 9\ndata:\n\n",
            });
            return true;
        };

        static string Event(string kind, int id, string name, string more = "") =>
            string.Create(CultureInfo.InvariantCulture, $"event: {kind}\nid: {id}\ndata: {{\"name\":\"{name}\",\"api_endpoint\":\"https://a\",\"status\":\"ready\"{more}}}\n\n");

        using var process = Home.Start(CliBinary.Path, ["clusters", "--watch"]);
        foreach (var line in (string[])["added     a  ready", "added     b  ready", "removed   after-7  ready", "added     c  ready", "removed   b  ready"])
        {
            Assert.Equal(line, await process.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken));
        }

        Signals.Send(process.Id, "INT");
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Equal(130, process.ExitCode);
    }

    [Fact]
    public async Task Without_an_orchestrator_the_tagged_nodes_of_the_tailnet_are_asked()
    {
        Home.Environment.Remove("TKA_ORCHESTRATOR");
        using var authority = new TestAuthority();
        using var certificate = authority.Issue("tka-eu.tail0dev.ts.net");
        await using var cluster = new TlsListener(async (stream, cancellation) => await AnswerAsync(stream, certificate, cancellation));
        await using var proxy = new ConnectProxy(cluster.Port);
        await using var tailscaled = await FakeStatus.StartAsync(Home.File("t.sock"), """
            {"BackendState":"Running","MagicDNSSuffix":"tail0dev.ts.net","Peer":{
              "a":{"DNSName":"tka-eu.tail0dev.ts.net.","Online":true,"Tags":["tag:tka"]},
              "b":{"DNSName":"tka-off.tail0dev.ts.net.","Online":false,"Tags":["tag:tka"]},
              "c":{"DNSName":"laptop.tail0dev.ts.net.","Online":true},
              "d":{"DNSName":"old.tail0dev.ts.net.","Online":true,"Expired":true,"Tags":["tag:tka"]},
              "e":{"DNSName":"elsewhere.example.com.","Online":true,"Tags":["tag:tka"]},
              "f":{"DNSName":"tka-other.tail0dev.ts.net.","Online":true,"Tags":["tag:tka"]}}}
            """);
        Home.Environment["SSL_CERT_FILE"] = Home.Write("authority.pem", authority.Pem);
        Home.Environment["TKA_TAILSCALE_SOCKET"] = tailscaled.Socket;
        Home.Environment["TKA_TAILSCALE_PROXY"] = $"http://127.0.0.1:{proxy.Port}";

        var found = (await Home.RunAsync("clusters", "-o", "json")).Json.GetProperty("items").EnumerateArray().ToList();

        // The certificate is not tka-other's, so what it says is not believed.
        var only = Assert.Single(found);
        Assert.Equal(("eu", "https://tka-eu.tail0dev.ts.net", "tailnet"), (only.GetProperty("name").GetString(), only.GetProperty("tka_endpoint").GetString(), only.GetProperty("source").GetString()));
        Assert.Equal("tka-edit", only.GetProperty("role").GetString());
        Assert.Equal(["tka-eu.tail0dev.ts.net:443", "tka-other.tail0dev.ts.net:443"], proxy.Asked.Distinct().Order());
        Assert.Equal("", (await Home.RunAsync("clusters", "-l", "env=prod", "-o", "name")).Output);

        // Completion does not wait for nodes that answer late, and offers the names of the last list while tailscaled does not run.
        proxy.Silent = "tka-other.tail0dev.ts.net:443";
        Assert.Contains("eu", await CompletedAsync());
        await tailscaled.DisposeAsync();
        Assert.Contains("eu", await CompletedAsync());
    }

    /// <summary>Names of the tailnet that the system does not know, because MagicDNS is off, are known to tailscaled.</summary>
    [Fact]
    public async Task Without_MagicDNS_tailscaled_says_where_a_cluster_is()
    {
        Home.Environment.Remove("TKA_ORCHESTRATOR");
        using var authority = new TestAuthority();
        using var certificate = authority.Issue("tka-eu.tail0dev.ts.net");
        await using var cluster = new TlsListener(async (stream, cancellation) => await AnswerAsync(stream, certificate, cancellation));
        await using var tailscaled = await FakeStatus.StartAsync(Home.File("t.sock"), """
            {"BackendState":"Running","TUN":true,"MagicDNSSuffix":"tail0dev.ts.net","Peer":{
              "a":{"DNSName":"tka-eu.tail0dev.ts.net.","Online":true,"Tags":["tag:tka"],"TailscaleIPs":["127.0.0.1","fd7a:115c:a1e0::7"]},
              "b":{"DNSName":"tka-other.tail0dev.ts.net.","Online":true,"Tags":["tag:tka"],"TailscaleIPs":["127.0.0.1"]}}}
            """);
        Home.Environment["SSL_CERT_FILE"] = Home.Write("authority.pem", authority.Pem);
        Home.Environment["TKA_TAILSCALE_SOCKET"] = tailscaled.Socket;
        Home.Environment["TKA_TAILSCALE_PORT"] = cluster.Port.ToString(CultureInfo.InvariantCulture);

        // The certificate is not tka-other's: the address alone proves nothing.
        var only = Assert.Single((await Home.RunAsync("clusters", "-o", "json")).Json.GetProperty("items").EnumerateArray());
        Assert.Equal(("eu", "tka-edit"), (only.GetProperty("name").GetString(), only.GetProperty("role").GetString()));

        Home.Environment["TKA_SERVER"] = $"https://tka-eu.tail0dev.ts.net:{cluster.Port}";
        var doctor = await Home.RunAsync("doctor");
        Assert.Contains("tailscaled says that it is 127.0.0.1", doctor.Output, StringComparison.Ordinal);
        Assert.Contains("accepts connections", doctor.Output, StringComparison.Ordinal);
    }

    /// <summary>Of two clusters with one name neither gets it: what a person types must not depend on who answers.</summary>
    [Fact]
    public async Task Clusters_that_claim_one_name_are_listed_by_their_nodes()
    {
        Home.Environment.Remove("TKA_ORCHESTRATOR");
        using var authority = new TestAuthority();
        using var certificate = authority.Issue("*.tail0dev.ts.net");
        await using var cluster = new TlsListener(async (stream, cancellation) => await AnswerAsync(stream, certificate, cancellation, Guid.NewGuid().ToString()));
        await using var proxy = new ConnectProxy(cluster.Port);
        await using var tailscaled = await FakeStatus.StartAsync(Home.File("t.sock"), """
            {"BackendState":"Running","MagicDNSSuffix":"tail0dev.ts.net","Peer":{
              "a":{"DNSName":"tka-eu.tail0dev.ts.net.","Online":true,"Tags":["tag:tka"]},
              "b":{"DNSName":"tka-other.tail0dev.ts.net.","Online":true,"Tags":["tag:tka"]}}}
            """);
        Home.Environment["SSL_CERT_FILE"] = Home.Write("authority.pem", authority.Pem);
        Home.Environment["TKA_TAILSCALE_SOCKET"] = tailscaled.Socket;
        Home.Environment["TKA_TAILSCALE_PROXY"] = $"http://127.0.0.1:{proxy.Port}";

        var table = (await Home.RunAsync("clusters")).Output;
        Assert.Matches(@"tka-eu +ready, conflict", table);
        Assert.Matches(@"tka-other +ready, conflict", table);
        Assert.Equal(1, (await Home.RunAsync("login", "eu")).ExitCode);
    }

    private async Task<IEnumerable<string>> CompletedAsync() =>
        (await Home.RunAsync("__complete", "login", "")).Output.Split('\n').Select(line => line.Split('\t')[0]);

    private void Add(string name, string server, string env) => Server.Clusters.Add(new ClusterEntry
    {
        Name = name,
        ApiEndpoint = $"https://{name}:6443",
        TkaEndpoint = server,
        Labels = new Dictionary<string, string> { ["env"] = env },
        Status = "ready",
    });

    private static async Task AnswerAsync(NetworkStream stream, System.Security.Cryptography.X509Certificates.X509Certificate2 certificate, CancellationToken cancellationToken, string installation = "i")
    {
        await using var tls = new System.Net.Security.SslStream(stream);
        await tls.AuthenticateAsServerAsync(new System.Net.Security.SslServerAuthenticationOptions { ServerCertificate = certificate }, cancellationToken);
        var buffer = new byte[4096];
        var request = Encoding.ASCII.GetString(buffer, 0, await tls.ReadAsync(buffer, cancellationToken));
        var body = request.Contains(ApiRoutes.ClusterInfo, StringComparison.Ordinal)
            ? $$"""{"name":"eu","server_url":"https://eu:6443","installation_id":"{{installation}}","labels":{"env":"dev"} }"""
            : """{"username":"alice@example.com","node":"laptop","role":"tka-edit","period":"1h","namespaces":[],"admin":false,"rules":[]}""";
        await tls.WriteAsync(Encoding.ASCII.GetBytes($"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {body.Length}\r\nConnection: close\r\n\r\n{body}"), cancellationToken);
    }
}
