using Dapr.Client;
using Grpc.Net.Client;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using TKA.Operator.Options;
using TKA.ServiceDefaults.Health;

namespace TKA.Operator.Ledger;

/// <summary>Registers the ledger, when there is a Dapr to keep it in.</summary>
internal static class LedgerServices
{
    public static void AddLedger(this IServiceCollection services, IConfiguration configuration)
    {
        var endpoint = configuration["DAPR_GRPC_ENDPOINT"] is { Length: > 0 } url ? url
            : configuration["DAPR_GRPC_PORT"] is { Length: > 0 } port ? $"http://127.0.0.1:{port}"
            : null;
        var enabled = configuration.GetSection(LedgerOptions.Section).GetValue<bool?>(nameof(LedgerOptions.Enabled)) ?? endpoint is not null;
        if (!enabled)
        {
            services.TryAddSingleton<ISessionLedger, NoLedger>();
            return;
        }

        services.AddSingleton(_ =>
        {
            var channel = new GrpcChannelOptions
            {
                ThrowOperationCanceledOnCancellation = true,

                // gRPC's own limit of two minutes would keep the ledger behind long after the sidecar is back.
                InitialReconnectBackoff = TimeSpan.FromMilliseconds(200),
                MaxReconnectBackoff = TimeSpan.FromSeconds(2),
            };
            var builder = new DaprClientBuilder().UseJsonSerializationOptions(LedgerJsonContext.Default.Options).UseGrpcChannelOptions(channel);
            if (endpoint is not null)
            {
                builder.UseGrpcEndpoint(endpoint);
            }

            if (configuration["DAPR_API_TOKEN"] is { Length: > 0 } token)
            {
                builder.UseDaprApiToken(token);
            }

            return builder.Build();
        });
        services.AddSingleton<LedgerStore>();
        services.AddSingleton<LedgerBook>();
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
