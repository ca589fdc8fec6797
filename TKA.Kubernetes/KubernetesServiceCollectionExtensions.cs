using System.Diagnostics.Metrics;
using k8s;
using k8s.Models;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using TKA.Kubernetes.Caching;
using TKA.Kubernetes.Client;

namespace TKA.Kubernetes;

/// <summary>Registration of the Kubernetes clients and caches.</summary>
public static class KubernetesServiceCollectionExtensions
{
    /// <summary>Registers the connection described by section <c>kubernetes</c> (<see cref="KubernetesClientOptions"/>), and the <see cref="ClusterTime"/> that it tells.</summary>
    public static IServiceCollection AddKubernetes(this IServiceCollection services, IConfiguration configuration)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        services.TryAddSingleton(TimeProvider.System);
        services.AddOptions<KubernetesClientOptions>()
            .Bind(configuration.GetSection(KubernetesClientOptions.Section))
            .ValidateOnStart();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<KubernetesClientOptions>, KubernetesClientOptionsValidator>());
        services.TryAddSingleton(static provider => new KubernetesClientMetrics(provider.GetService<IMeterFactory>(), provider.GetRequiredService<ClusterTime>()));
        services.TryAddSingleton(static provider => new ClusterTime(provider.GetRequiredService<TimeProvider>()));
        services.TryAddSingleton(static provider => new KubernetesTransport(
            provider.GetRequiredService<IOptions<KubernetesClientOptions>>().Value,
            provider.GetRequiredService<KubernetesClientMetrics>(),
            provider.GetRequiredService<ClusterTime>()));
        services.AddHostedService<ClusterTimeMonitor>();
        return services;
    }

    /// <summary>Registers a <see cref="ResourceClient{T}"/>.</summary>
    /// <param name="services">Where to register.</param>
    /// <param name="type">Kind of object.</param>
    /// <param name="ns">Its namespace, if it has one and the client is for one only.</param>
    public static IServiceCollection AddResourceClient<T>(this IServiceCollection services, ResourceType<T> type, Func<IServiceProvider, string?>? ns = null)
        where T : class, IKubernetesObject<V1ObjectMeta>
    {
        services.TryAddSingleton(provider => new ResourceClient<T>(provider.GetRequiredService<KubernetesTransport>(), type, ns?.Invoke(provider)));
        return services;
    }

    /// <summary>Registers a client and a list-watch cache that runs with the host: <see cref="ResourceClient{T}"/>, <see cref="IResourceCache{T}"/> and <see cref="IInformer"/>.</summary>
    /// <param name="services">Where to register.</param>
    /// <param name="type">Kind of object.</param>
    /// <param name="ns">Its namespace; absent: all.</param>
    /// <param name="options">Timing; absent: a registered <see cref="ResourceInformerOptions"/>, or the defaults.</param>
    /// <param name="labelSelector">Restricts the set; absent: as the options say.</param>
    /// <param name="prompt">Whether a stalled watch is to be noticed within seconds: <see cref="ResourceInformerOptions.Prompt"/>.</param>
    public static IServiceCollection AddResourceCache<T>(
        this IServiceCollection services,
        ResourceType<T> type,
        Func<IServiceProvider, string?>? ns = null,
        ResourceInformerOptions? options = null,
        Func<IServiceProvider, string?>? labelSelector = null,
        bool prompt = false)
        where T : class, IKubernetesObject<V1ObjectMeta>
    {
        services.AddResourceClient(type, ns);
        services.TryAddSingleton(provider => new ResourceInformer<T>(
            provider.GetRequiredService<ResourceClient<T>>(),
            Adapt(options ?? provider.GetService<ResourceInformerOptions>() ?? new ResourceInformerOptions(), labelSelector?.Invoke(provider), prompt),
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ILogger<ResourceInformer<T>>>()));
        services.AddSingleton<IInformer>(static provider => provider.GetRequiredService<ResourceInformer<T>>());
        services.TryAddSingleton(static provider => provider.GetRequiredService<ResourceInformer<T>>().Cache);
        services.AddHostedService(static provider => provider.GetRequiredService<ResourceInformer<T>>());
        return services;
    }

    private static ResourceInformerOptions Adapt(ResourceInformerOptions options, string? labelSelector, bool prompt)
    {
        var selected = labelSelector is null ? options : options with { LabelSelector = labelSelector };
        return prompt ? selected.Prompt() : selected;
    }
}
