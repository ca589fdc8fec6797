using System.Text.Json;
using Aspire.Hosting.ApplicationModel;
using Xunit;

namespace TKA.AppHost.Tests;

/// <summary>The application as a contributor starts it, with DCP. One start for all tests: it takes most of their time.</summary>
public sealed class AppHostTests(RunningAppHost host) : IClassFixture<RunningAppHost>
{
    [Fact]
    public async Task A_person_signs_in_uses_the_cluster_and_signs_out()
    {
        var kubeconfig = await LoginAsync();
        var (code, pods) = await Commands.RunAsync("kubectl", ["get", "pods", "-A", "-o", "name"], [new("KUBECONFIG", kubeconfig)]);
        Assert.True(code == 0, pods);
        Assert.Contains("pod/worker-0", pods, StringComparison.Ordinal);

        var (logout, text) = await host.TkaAsync("logout");
        Assert.True(logout == 0, text);
        Assert.False(File.Exists(kubeconfig));
    }

    [Fact]
    public async Task A_service_that_is_restarted_takes_up_its_work()
    {
        var restarted = await host.CommandAsync("operator", KnownResourceCommands.RestartCommand);
        Assert.True(restarted.Success, restarted.Message);
        await host.HealthyAsync("operator");

        await LoginAsync();
        Assert.Equal(0, (await host.TkaAsync("logout")).ExitCode);
    }

    private async Task<string> LoginAsync()
    {
        var (code, output) = await host.TkaAsync("login", "-o", "json");
        Assert.True(code == 0, output);
        return JsonDocument.Parse(output[..(output.LastIndexOf('}') + 1)]).RootElement.GetProperty("kubeconfig").GetString()!;
    }
}
