using System.Text.Json;
using Microsoft.AspNetCore.Http;
using TKA.Contracts.Rest;
using Xunit;
using ClusterEntry = TKA.Contracts.Orchestrator.Cluster;

namespace TKA.Tests.Cli;

/// <summary>Every command of the native binary, for people and for programs.</summary>
public sealed class CommandOutputTests : FakeServerTests
{
    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        Home.Environment["TKA_ORCHESTRATOR"] = Server.Url.ToString();
        Server.Clusters.Add(new ClusterEntry { Name = "prod", ApiEndpoint = "https://prod:6443", TkaEndpoint = Server.Url.ToString(), Description = "The real one", Labels = new Dictionary<string, string> { ["env"] = "prod" }, Status = "ready" });
        Server.Clusters.Add(new ClusterEntry { Name = "dev", ApiEndpoint = "https://dev:6443", Status = "stale", LastSeen = TimeProvider.System.GetUtcNow().AddMinutes(-5) });
        for (var i = 0; i < 5; i++)
        {
            Server.Sessions.Add(new SessionItem { Name = $"tka-user-{i}", Username = $"user{i}@example.com", Role = "view", Since = TimeProvider.System.GetUtcNow().AddMinutes(-3), Until = TimeProvider.System.GetUtcNow().AddHours(2), Provisioned = true });
        }
    }

    public static TheoryData<string, string, string> Commands => new()
    {
        { "clusters", "NAME   STATUS   ROLE      LABELS     AGE", "items" },
        { "get clusters", "prod", "items" },
        { "sessions", "user4@example.com   view   whole cluster   3 min ago", "items" },
        { "get sessions", "tka-user-0", "items" },
        { "cluster-info", "Kubernetes API: https://127.0.0.1:1", "server_url" },
        { "get cluster-info", "env=test", "server_url" },
        { "access", "Device: laptop-alice", "rules" },
        { "whoami", "highest priority", "rules" },
        { "get access", "edit", "rules" },
        { "version", "Server: 9.8.7", "client" },
        { "config", "output.theme", "values" },
        { "get config", "tailscale.hostname", "values" },
        { "doctor", "Grant", "checks" },
        { "login", "User:       alice@example.com", "kubeconfig" },
        { "reauthenticate", "Role:       view", "kubeconfig" },
        { "reauth", "Until:", "until" },
        { "refresh", "Scope:      whole cluster", "namespaces" },
        { "kubeconfig", "Kubeconfig: ~/.local/state/tka/kubeconfigs/127.0.0.1-", "kubeconfig" },
        { "get kubeconfig", "Cluster:    127.0.0.1", "cluster" },
        { "status", "User:       alice@example.com", "status" },
        { "get login", "Role:       view", "role" },
        { "get signin", "Until:", "username" },
    };

    [Theory]
    [MemberData(nameof(Commands))]
    public async Task Speaks_to_people_and_to_programs(string line, string human, string member)
    {
        Server.Session = Server.MakeSession();
        if (line.Contains("status", StringComparison.Ordinal) || line.Contains("get login", StringComparison.Ordinal) || line.Contains("signin", StringComparison.Ordinal))
        {
            await Home.RunAsync("login");
        }

        var text = await Home.RunAsync(line.Split(' '));
        Assert.True(text.ExitCode == 0, text.ToString());
        Assert.Contains(human, text.Output, StringComparison.Ordinal);
        Assert.DoesNotContain('\u001b', text.Output + text.Error);
        Assert.DoesNotContain("token-", text.Output + text.Error, StringComparison.Ordinal);

        var json = await Home.RunAsync([.. line.Split(' '), "--output", "json"]);
        Assert.True(json.ExitCode == 0, json.ToString());
        Assert.Equal("", json.Error);
        Assert.True(json.Json.TryGetProperty(member, out _), json.Output);

        var quiet = await Home.RunAsync([.. line.Split(' '), "--quiet"]);
        Assert.Equal(0, quiet.ExitCode);
        Assert.Equal("", quiet.Error);

        if (!line.EndsWith("kubeconfig", StringComparison.Ordinal))
        {
            var yaml = await Home.RunAsync([.. line.Split(' '), "-o", "yaml"]);
            Assert.Contains($"{member}:", yaml.Output, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Names_are_one_a_line()
    {
        Assert.Equal("prod\ndev\n", (await Home.RunAsync("clusters", "-o", "name")).Output);
        Assert.Equal("prod\n", (await Home.RunAsync("clusters", "-l", "env=prod", "-o", "name")).Output);
        Assert.Equal(5, (await Home.RunAsync("sessions", "-o", "name")).Output.TrimEnd('\n').Split('\n').Length);
        Assert.Equal("tka-user-2\n", (await Home.RunAsync("sessions", "--user", "user2@example.com", "-o", "name")).Output);
        Assert.EndsWith(".yaml\n", (await Home.RunAsync("login", "-o", "name")).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_admin_ends_a_session()
    {
        var ended = await Home.RunAsync("sessions", "end", "tka-user-3");
        Assert.True(ended.ExitCode == 0, ended.ToString());
        Assert.Equal(4, Server.Sessions.Count);
        Assert.True((await Home.RunAsync("sessions", "end", "tka-user-4", "-o", "json")).Json.GetProperty("ended").GetBoolean());
        Assert.Equal(1, (await Home.RunAsync("sessions", "end", "tka-user-3")).ExitCode);
    }

    [Fact]
    public async Task A_cluster_is_found_by_name()
    {
        Home.Environment.Remove("TKA_SERVER");

        var login = await Home.RunAsync("login", "--cluster", "prod", "-o", "json");
        Assert.True(login.ExitCode == 0, login.ToString());

        // The only session there is needs no naming.
        Assert.Equal(0, (await Home.RunAsync("status")).ExitCode);
        Assert.Equal(0, (await Home.RunAsync("logout")).ExitCode);
        Assert.Null(Server.Session);
    }

    [Fact]
    public async Task The_kubeconfig_itself_is_printed_when_that_is_the_point()
    {
        await Home.RunAsync("login");

        var yaml = await Home.RunAsync("kubeconfig", "-o", "yaml");
        Assert.Contains("token: token-2", yaml.Output, StringComparison.Ordinal);
        Assert.Contains("current-context: tka-context-alice-00000000", yaml.Output, StringComparison.Ordinal);
        Assert.Contains("token: token-3", (await Home.RunAsync("kubeconfig", "--print")).Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("proxy-url", "\"proxy-url\":\"http://evil\"", "\"token\":\"t\"")]
    [InlineData("certificate-authority", "\"certificate-authority\":\"/evil\"", "\"token\":\"t\"")]
    [InlineData("exec", "\"x\":1", "\"token\":\"t\",\"exec\":{\"apiVersion\":\"client.authentication.k8s.io/v1\",\"command\":\"/bin/evil\",\"interactiveMode\":\"Never\"}")]
    [InlineData("auth-provider", "\"x\":1", "\"token\":\"t\",\"auth-provider\":{\"name\":\"evil\"}")]
    [InlineData("tokenFile", "\"x\":1", "\"token\":\"t\",\"tokenFile\":\"/evil\"")]
    public async Task A_kubeconfig_that_names_commands_files_or_a_proxy_is_refused(string refused, string cluster, string user)
    {
        Server.Intercept = async http =>
        {
            if (http.Request.Path != ApiRoutes.Kubeconfig)
            {
                return false;
            }

            http.Response.ContentType = "application/json";
            await http.Response.WriteAsync(
                $$$"""{"kind":"Config","apiVersion":"v1","clusters":{"c":{"server":"https://k:6443",{{{cluster}}} }},"users":{"u":{ {{{user}}} }},"contexts":{"x":{"cluster":"c","user":"u"}},"current-context":"x"}""");
            return true;
        };

        var result = await Home.RunAsync("login");

        Assert.Equal(1, result.ExitCode);
        Assert.Contains($"it has {refused}", result.Error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(Home.File(".local/state/tka/kubeconfigs")) && Directory.GetFiles(Home.File(".local/state/tka/kubeconfigs")).Length > 0);
    }

    [Fact]
    public async Task Names_from_the_network_cannot_drive_the_terminal()
    {
        Server.Clusters.Add(new ClusterEntry { Name = "evil", ApiEndpoint = "https://x", Description = "\u001b]0;owned\u0007\u001b[2J" });

        var result = await Home.RunAsync("clusters");

        Assert.DoesNotContain('\u001b', result.Output);
        Assert.Contains("?]0;owned??[2J", result.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Version_without_a_server_is_still_a_success()
    {
        Home.Environment["TKA_SERVER"] = "http://127.0.0.1:1";

        var result = await Home.RunAsync("version");
        Assert.Equal(0, result.ExitCode);
        Assert.StartsWith("Client: ", result.Output, StringComparison.Ordinal);
        Assert.StartsWith("tka ", (await Home.RunAsync("--version")).Output, StringComparison.Ordinal);
        Assert.Equal(JsonValueKind.String, (await Home.RunAsync("version", "--client", "-o", "json")).Json.GetProperty("client").ValueKind);
    }

    [Fact]
    public async Task Doctor_says_what_is_wrong_and_what_to_do()
    {
        Server.Intercept = http => FakeTkaServer.ProblemAsync(http, 403, "No rule grants you anything.", ["Ask carol@example.com."]);

        var result = await Home.RunAsync("doctor", "-o", "json");

        Assert.Equal(4, result.ExitCode);
        Assert.False(result.Json.GetProperty("healthy").GetBoolean());
        var grant = result.Json.GetProperty("checks").EnumerateArray().Single(check => check.GetProperty("name").GetString() == "Grant");
        Assert.Equal("failed", grant.GetProperty("result").GetString());
        Assert.Equal("Ask carol@example.com.", grant.GetProperty("advice").GetString());

        Home.Environment["TKA_SERVER"] = "http://127.0.0.1:1";
        Assert.Equal(5, (await Home.RunAsync("doctor")).ExitCode);
    }
}
