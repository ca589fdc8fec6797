using System.Text.Json.Serialization;
using Dapr.Client;
using Grpc.Net.Client;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace TKA.State;

/// <summary>Registers state in Dapr.</summary>
public static class StateStoreExtensions
{
    /// <summary>Whether the configuration says where a Dapr sidecar is.</summary>
    public static bool HasDapr(this IConfiguration configuration) => Endpoint(configuration) is not null;

    /// <summary>Adds <see cref="StateStore"/>, with options from section <see cref="StateStoreOptions.Section"/>, validated at start.</summary>
    /// <param name="services">The services.</param>
    /// <param name="documents">Serialization of what is stored.</param>
    /// <param name="defaults">Changes defaults of the options, below the configuration.</param>
    public static IServiceCollection AddDaprState(
        this IServiceCollection services, JsonSerializerContext documents, Action<StateStoreOptions>? defaults = null)
    {
        ArgumentNullException.ThrowIfNull(documents);
        services.Configure(defaults ?? (static _ => { }));
        services.AddSingleton<IValidateOptions<StateStoreOptions>, StateStoreOptionsValidator>();
        services.AddOptions<StateStoreOptions>().BindConfiguration(StateStoreOptions.Section).ValidateOnStart();

        // From the configuration rather than the process environment: the development stack hosts several services in one process.
        services.AddSingleton(provider => CreateClient(provider.GetRequiredService<IConfiguration>(), documents));
        services.AddSingleton(provider => new StateStore(
            provider.GetRequiredService<DaprClient>(),
            provider.GetRequiredService<IOptions<StateStoreOptions>>(),
            documents,
            provider.GetRequiredService<ILogger<StateStore>>()));
        return services;
    }

    private static string? Endpoint(IConfiguration configuration) =>
        configuration["DAPR_GRPC_ENDPOINT"] is { Length: > 0 } url ? url
        : configuration["DAPR_GRPC_PORT"] is { Length: > 0 } port ? $"http://127.0.0.1:{port}"
        : null;

    private static DaprClient CreateClient(IConfiguration configuration, JsonSerializerContext documents)
    {
        var channel = new GrpcChannelOptions
        {
            ThrowOperationCanceledOnCancellation = true,

            // gRPC's own limit of two minutes would keep the state away long after the sidecar is back.
            InitialReconnectBackoff = TimeSpan.FromMilliseconds(200),
            MaxReconnectBackoff = TimeSpan.FromSeconds(2),
        };
        var builder = new DaprClientBuilder().UseJsonSerializationOptions(documents.Options).UseGrpcChannelOptions(channel);
        if (Endpoint(configuration) is { } endpoint)
        {
            builder.UseGrpcEndpoint(endpoint);
        }

        if (configuration["DAPR_API_TOKEN"] is { Length: > 0 } token)
        {
            builder.UseDaprApiToken(token);
        }

        return builder.Build();
    }
}
