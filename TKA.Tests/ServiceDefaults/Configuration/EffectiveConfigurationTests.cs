using Microsoft.Extensions.Configuration;
using TKA.Api.Configuration;
using TKA.Operator.Configuration;
using TKA.ServiceDefaults.Configuration;
using Xunit;

namespace TKA.Tests.ServiceDefaults.Configuration;

public sealed class EffectiveConfigurationTests : IDisposable
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
        manager.AddTkaConfiguration(ApiSettings.Service, null, name => name == "TKA_TAILSCALE_PORT" ? "2" : null, out _);

        Assert.Equal("4", manager["tailscale:port"]);
    }

    [Fact]
    public void Takes_the_Go_servers_file()
    {
        var configuration = Build(Write("""
            # Recorded from the Go TKA's documentation.
            tailscale: {hostname: tka, port: 443, stateDir: /var/lib/tka, tailnet: your-tailnet.ts.net, capName: specht-labs.de/cap/tka}
            server: {debug: true, readTimeout: 10s, readHeaderTimeout: 5s, writeTimeout: 20s, idleTimeout: 2m}
            otel: {endpoint: "collector:4317", insecure: true} # host:port, no scheme
            operator: {namespace: tka-system, clusterName: c, contextPrefix: tka-context-, userPrefix: tka-user-}
            health: {port: 9090}
            api: {retryAfterSeconds: 2}
            output: {theme: tokyo-night, long: true, quiet: false, markdownlint-fix: false}
            clusterInfo:
              apiEndpoint: https://api.example.com:6443
              caData: TFMw
              insecureSkipTLSVerify: false
              labels: {environment: production, region: us-west-2}
            """), []);

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
    [InlineData("TKA_OTEL_ENDPOINT", "collector", "otel.endpoint is \"collector\"")]
    [InlineData("TKA_API_RETRYAFTERSECONDS", "1.5", "api.retryAfterSeconds is \"1.5\"")]
    public void Messages_name_key_value_and_fix(string variable, string value, string expected)
    {
        var error = Assert.Throws<ConfigurationException>(() => Build(null, new() { [variable] = value }));

        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void All_that_is_wrong_is_said_at_once()
    {
        var error = Assert.Throws<ConfigurationException>(() => Build(null, new() { ["TKA_TAILSCALE_PORT"] = "x", ["TKA_SERVER_READTIMEOUT"] = "y" }));

        Assert.Equal(2, error.Message.Split(Environment.NewLine).Length);
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

    [Theory]
    [InlineData("just text")]
    [InlineData("[a, b]")]
    [InlineData("a: 1\na: 2")]
    public void A_file_that_is_no_map_of_settings_is_named(string yaml)
    {
        var file = Write(yaml);

        Assert.Contains(file, Assert.Throws<ConfigurationException>(() => Build(file, [])).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Misspelled_keys_are_pointed_out_and_keys_of_other_programs_named_in_one_line()
    {
        var file = Write("""
            server: {readTimout: 5s, allowedHosts: [a.example]}
            clusterInfo: {labels: {anything: goes}, apiEndpiont: "https://x"}
            output: {theme: dark, long: true}
            operator: {workers: 5}
            """);
        Manager().AddTkaConfiguration(ApiSettings.Service, file, _ => null, out var hints);

        Assert.Equal(
            [
                "clusterInfo.apiEndpiont is not a setting. Did you mean clusterInfo.apiEndpoint?",
                "server.readTimout is not a setting. Did you mean server.readTimeout?",
                "TKA.Api does not use operator.workers, output.long, output.theme. See --help for what it uses.",
            ],
            hints);
    }

    [Fact]
    public void A_list_comes_from_its_strongest_source_alone()
    {
        var manager = Manager();
        manager.AddTkaConfiguration(OperatorSettings.Service, Write("operator: {allowedRoles: [view, edit, admin]}"),
            name => name == "TKA_OPERATOR_ALLOWEDROLES" ? "view" : null, out _);

        Assert.Equal(["view"], manager.GetSection("operator:allowedRoles").Get<string[]>()!);
    }

    [Fact]
    public void An_empty_number_duration_or_switch_is_not_set()
    {
        var configuration = Build(Write("{server: {readTimeout: , maxConnections: ''}, debug: ''}"), []);

        Assert.Null(configuration["server:readTimeout"]);
        Assert.Null(configuration["server:maxConnections"]);
        Assert.Null(configuration["debug"]);
    }

    [Theory]
    [InlineData("localhost:4317", "true", "http://localhost:4317")]
    [InlineData("collector.example:4317", "false", "https://collector.example:4317")]
    [InlineData("http://collector:4317", "false", "http://collector:4317")]
    public void An_endpoint_may_be_a_host_and_a_port_as_for_the_Go_server(string endpoint, string insecure, string expected)
    {
        var configuration = Build(null, new() { ["TKA_OTEL_ENDPOINT"] = endpoint, ["TKA_OTEL_INSECURE"] = insecure });

        Assert.Equal(expected, configuration["OTEL_EXPORTER_OTLP_ENDPOINT"]);
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
        manager.AddTkaConfiguration(ApiSettings.Service, file, environment.GetValueOrDefault, out _);
        return manager;
    }
}
