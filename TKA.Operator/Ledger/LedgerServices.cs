using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using TKA.Operator.Options;
using TKA.ServiceDefaults.Health;
using TKA.State;

namespace TKA.Operator.Ledger;

/// <summary>Registers the ledger, when there is a Dapr to keep it in.</summary>
internal static class LedgerServices
{
    // Nobody waits for the ledger, so a slow store may take longer than a request would.
    private static readonly TimeSpan CallTimeout = TimeSpan.FromSeconds(5);

    public static void AddLedger(this IServiceCollection services, IConfiguration configuration)
    {
        var enabled = configuration.GetSection(LedgerOptions.Section).GetValue<bool?>(nameof(LedgerOptions.Enabled)) ?? configuration.HasDapr();
        if (!enabled)
        {
            services.TryAddSingleton<ISessionLedger, NoLedger>();
            return;
        }

        services.AddDaprState(LedgerJsonContext.Default, static options => options.Timeout = CallTimeout);
        services.AddSingleton<LedgerStore>();
        services.AddSingleton<LedgerOutbox>();
        services.AddSingleton<DaprLedger>();
        services.AddSingleton<ISessionLedger>(provider => provider.GetRequiredService<DaprLedger>());
        services.AddHostedService(provider => provider.GetRequiredService<DaprLedger>());
        services.AddHealthChecks().AddCheck<LedgerHealthCheck>("ledger", tags: [HealthTags.Ready]);
    }
}

/// <summary>Never worse than degraded: sessions need no ledger.</summary>
internal sealed class LedgerHealthCheck(DaprLedger ledger) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(ledger.LastError is null
            ? HealthCheckResult.Healthy()
            : HealthCheckResult.Degraded($"Dapr state cannot be written; {ledger.Pending} sessions wait"));
}
