using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using TKA.Orchestrator;
using TKA.Orchestrator.Configuration;
using TKA.Tailscale;
using Xunit;

namespace TKA.Tests.Orchestrator;

public sealed class ConfigurationTests
{
    [Fact]
    public void Durations_may_be_written_as_everywhere_in_TKA()
    {
        var options = Read<RegistryOptions>("--orchestrator:heartbeat=10s", "--orchestrator:lifetime=1h30m");

        Assert.Equal((TimeSpan.FromSeconds(10), TimeSpan.FromMinutes(90)), (options.Heartbeat, options.Lifetime));
        Assert.Equal(TimeSpan.FromSeconds(30), options.StaleAfter);
    }

    [Fact]
    public void A_YAML_file_is_weaker_than_flags()
    {
        var file = Path.GetTempFileName();
        try
        {
            File.WriteAllText(file, "tailscale:\n  hostname: from-file\n  port: 8443\norchestrator:\n  registrarTags: [\"tag:a\", \"tag:b\"]\n");
            string[] args = [$"--config={file}", "--tailscale:hostname=from-flag"];

            Assert.Equal(("from-flag", 8443), (Read<TailscaleOptions>(args).Hostname, Read<TailscaleOptions>(args).Port));
            Assert.Equal(["tag:a", "tag:b"], Read<RegistryOptions>(args).RegistrarTags);
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Fact]
    public void What_the_embedding_program_adds_is_strongest()
    {
        using var app = OrchestratorApplication.Create(["--tailscale:hostname=from-flag"], builder =>
            builder.Configuration.AddInMemoryCollection([KeyValuePair.Create<string, string?>("tailscale:hostname", "from-program")]));

        Assert.Equal("from-program", app.Services.GetRequiredService<IOptions<TailscaleOptions>>().Value.Hostname);
    }

    [Theory]
    [InlineData("--orchestrator:heartbeat=soon", "orchestrator:heartbeat is 'soon'")]
    [InlineData("--orchestrator:heartbeat=10ms", "orchestrator:heartbeat is 00:00:00.0100000")]
    [InlineData("--orchestrator:lifetime=1m", "orchestrator:lifetime is 00:01:00")]
    [InlineData("--orchestrator:clusterTag=tka", "'tka' is no tag")]
    [InlineData("--dapr:timeout=0s", "dapr:timeout is 00:00:00")]
    [InlineData("--dapr:stateStore=", "StateStore")]
    [InlineData("--server:address=0.0.0.0", "server:address 0.0.0.0")]
    [InlineData("--server:port=99999", "server:port 99999")]
    [InlineData("--tailscale:capName=tka", "tailscale:capName")]
    [InlineData("--tailscale:whoIsCache=1h", "tailscale:whoIsCache")]
    public void What_cannot_be_meant_is_refused_at_start_with_key_and_value(string argument, string expected)
    {
        var error = Assert.ThrowsAny<Exception>(() =>
        {
            using var app = OrchestratorApplication.Create([argument]);
            app.Services.GetRequiredService<IStartupValidator>().Validate();
        });

        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
    }

    private static T Read<T>(params string[] args)
        where T : class
    {
        using var app = OrchestratorApplication.Create(args);
        return app.Services.GetRequiredService<IOptions<T>>().Value;
    }
}
