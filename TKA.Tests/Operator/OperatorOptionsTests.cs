using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using TKA.Operator;
using TKA.ServiceDefaults.Configuration;
using Xunit;

namespace TKA.Tests.Operator;

public sealed class OperatorOptionsTests
{
    [Theory]
    [InlineData("operator:systemNamespace", "tka-sessions", "must differ")]
    [InlineData("operator:maxPeriod", "soon", "operator.maxPeriod is \"soon\"")]
    [InlineData("operator:maxPeriod", "5m", "operator.maxPeriod is 5m0s. Write 10m0s or more.")]
    [InlineData("operator:workers", "0", "operator.workers is 0")]
    [InlineData("operator:allowedRoles:0", "", "operator.allowedRoles")]
    [InlineData("operator:tokenService:address", "everywhere", "operator.tokenService.address is \"everywhere\"")]
    [InlineData("operator:tokenService:port", "70000", "operator.tokenService.port is \"70000\"")]
    [InlineData("operator:tokenService:certificateFile", "/nowhere/tls.crt", "belong together")]
    [InlineData("operator:tokenService:reviewCache", "01:00:00", "reviewCache")]
    [InlineData("operator:ledger:retentionDays", "0", "retentionDays")]
    [InlineData("kubernetes:kubeconfig", "/nowhere/config", "kubernetes.kubeconfig is \"/nowhere/config\"")]
    public async Task A_wrong_option_stops_the_start_and_is_named(string key, string value, string expected)
    {
        var refused = await Assert.ThrowsAnyAsync<Exception>(async () =>
        {
            await using var app = Create(key, value);
            await app.StartAsync(TestContext.Current.CancellationToken);
        });

        Assert.True(refused is OptionsValidationException or ConfigurationException, refused.ToString());
        Assert.Contains(expected, refused.Message, StringComparison.Ordinal);
    }

    private static WebApplication Create(string key, string value) => OperatorApplication.Create([], builder =>
    {
        builder.Logging.ClearProviders();
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["operator:tokenService:address"] = "127.0.0.1",
            ["operator:tokenService:port"] = "0",
            ["management:port"] = "0",
            [key] = value,
        });
    });
}
