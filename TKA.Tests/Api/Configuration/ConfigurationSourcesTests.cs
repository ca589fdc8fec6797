using Microsoft.Extensions.Configuration;
using TKA.Api.Configuration;
using Xunit;

namespace TKA.Tests.Api.Configuration;

public sealed class ConfigurationSourcesTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("tka-config-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public void Environment_is_stronger_than_the_file_and_flags_are_stronger_still()
    {
        var file = Write("tailscale: {hostname: from-file, tailnet: file.ts.net, port: 1}");
        var configuration = Build(file, new() { ["TKA_TAILSCALE_HOSTNAME"] = "from-env", ["TKA_TAILSCALE_PORT"] = "2" }, "--tailscale:port=3");

        Assert.Equal("file.ts.net", configuration["tailscale:tailnet"]);
        Assert.Equal("from-env", configuration["tailscale:hostname"]);
        Assert.Equal("3", configuration["tailscale:port"]);
    }

    [Fact]
    public void What_the_embedding_program_adds_is_strongest()
    {
        var manager = Manager("--tailscale:port=3");
        manager.AddInMemoryCollection([new("tailscale:port", "4")]);
        manager.AddTkaSources(null, name => name == "TKA_TAILSCALE_PORT" ? "2" : null);

        Assert.Equal("4", manager["tailscale:port"]);
    }

    [Fact]
    public void Takes_the_Go_servers_file()
    {
        var configuration = Build(Write("""
            debug: true
            tailscale: {hostname: tka, port: 443, stateDir: /var/lib/tka, tailnet: your-tailnet.ts.net, capName: specht-labs.de/cap/tka}
            server: {readTimeout: 10s, readHeaderTimeout: 5s, writeTimeout: 20s, idleTimeout: 2m}
            otel: {endpoint: "http://collector:4317", insecure: true}
            operator: {namespace: tka-system, clusterName: c, contextPrefix: tka-context-, userPrefix: tka-user-}
            health: {port: 9090}
            api: {retryAfterSeconds: 2}
            clusterInfo:
              apiEndpoint: https://api.example.com:6443
              caData: TFMw
              insecureSkipTLSVerify: false
              labels: {environment: production, region: us-west-2}
            """), []);
        configuration.Normalize();

        Assert.Equal("00:02:00", configuration["server:idleTimeout"]);
        Assert.Equal("9090", configuration["management:port"]);
        Assert.Equal("http://collector:4317", configuration["OTEL_EXPORTER_OTLP_ENDPOINT"]);
        Assert.Equal("Debug", configuration["Logging:LogLevel:Default"]);
        Assert.Equal("us-west-2", configuration["clusterInfo:labels:region"]);
    }

    [Fact]
    public void A_key_under_its_own_name_is_stronger_than_under_its_old_one()
    {
        var configuration = Build(Write("{health: {port: 1}, management: {port: 2}}"), []);
        configuration.Normalize();

        Assert.Equal("2", configuration["management:port"]);
    }

    [Fact]
    public void Lists_and_maps_come_from_the_environment_too()
    {
        var configuration = Build(null, new() { ["TKA_CLUSTERINFO_LABELS"] = "a=1, b=2", ["TKA_SERVER_ALLOWEDHOSTS"] = "x.example, y.example" });

        Assert.Equal("2", configuration["clusterInfo:labels:b"]);
        Assert.Equal("y.example", configuration["server:allowedHosts:1"]);
    }

    [Theory]
    [InlineData("TKA_SERVER_READTIMEOUT", "ten", "server.readTimeout is \"ten\"")]
    [InlineData("TKA_SERVER_READTIMEOUT", "10", "Write it like")]
    [InlineData("TKA_SERVER_READTIMEOUT", "-5s", "server.readTimeout is \"-5s\"")]
    [InlineData("TKA_TAILSCALE_PORT", "70000", "tailscale.port is \"70000\"")]
    [InlineData("TKA_TAILSCALE_TLS", "yes", "tailscale.tls is \"yes\"")]
    [InlineData("TKA_CLUSTERINFO_CADATA", "-----BEGIN", "base64 -w0")]
    [InlineData("TKA_CLUSTERINFO_APIENDPOINT", "example.com", "clusterInfo.apiEndpoint is \"example.com\"")]
    [InlineData("TKA_API_RETRYAFTERSECONDS", "1.5", "api.retryAfterSeconds is \"1.5\"")]
    public void Messages_name_key_value_and_fix(string variable, string value, string expected)
    {
        var configuration = Build(null, new() { [variable] = value });

        Assert.Contains(expected, Assert.Throws<ConfigurationException>(configuration.Normalize).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void All_that_is_wrong_is_said_at_once()
    {
        var configuration = Build(null, new() { ["TKA_TAILSCALE_PORT"] = "x", ["TKA_SERVER_READTIMEOUT"] = "y" });

        Assert.Equal(2, Assert.Throws<ConfigurationException>(configuration.Normalize).Message.Split(Environment.NewLine).Length);
    }

    [Fact]
    public void A_missing_file_that_was_named_is_an_error() =>
        Assert.Contains("/nowhere/x.yaml", Assert.Throws<ConfigurationException>(() => Build("/nowhere/x.yaml", [])).Message, StringComparison.Ordinal);

    [Fact]
    public void A_broken_file_is_named_with_the_line()
    {
        var file = Write("tailscale:\n  hostname: [unclosed");

        var message = Assert.Throws<ConfigurationException>(() => Build(file, [])).Message;

        Assert.Contains(file, message, StringComparison.Ordinal);
        Assert.Contains("line", message, StringComparison.Ordinal);
    }

    [Fact]
    public void Misspelled_keys_are_pointed_out()
    {
        var configuration = Build(Write("""
            server: {readTimout: 5s, allowedHosts: [a.example]}
            clusterInfo: {labels: {anything: goes}, apiEndpiont: "https://x"}
            output: {theme: dark}
            operator: {allowedRoles: [view]}
            """), []);

        Assert.Equal(
            ["server.readTimout is not a setting. Did you mean server.readTimeout?", "clusterInfo.apiEndpiont is not a setting. Did you mean clusterInfo.apiEndpoint?"],
            UnknownKeys.Hints(configuration));
    }

    private string Write(string yaml)
    {
        var path = Path.Combine(_directory, "config.yaml");
        File.WriteAllText(path, yaml);
        return path;
    }

    private static ConfigurationManager Manager(params string[] args)
    {
        var manager = new ConfigurationManager();
        manager.AddEnvironmentVariables();
        manager.AddCommandLine(args);
        return manager;
    }

    private static ConfigurationManager Build(string? file, Dictionary<string, string> environment, params string[] args)
    {
        var manager = Manager(args);
        manager.AddTkaSources(file, environment.GetValueOrDefault);
        return manager;
    }
}
