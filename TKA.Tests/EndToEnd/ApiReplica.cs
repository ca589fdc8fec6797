using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using TKA.Api;
using TKA.ServiceDefaults.Management;
using TKA.Tests.Infrastructure;

namespace TKA.Tests.EndToEnd;

/// <summary>Another API on a stack's cluster, in this process.</summary>
internal static class ApiReplica
{
    /// <summary>Starts it and returns when it is ready.</summary>
    /// <param name="stack">Has the cluster.</param>
    /// <param name="tailnet">The tailnet it serves.</param>
    /// <param name="configure">What differs from the stack's own API.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static async Task<WebApplication> StartAsync(TkaStack stack, TestTailnet tailnet, Action<WebApplicationBuilder> configure, CancellationToken cancellationToken)
    {
        var api = ApiApplication.Create([], builder =>
        {
            tailnet.Configure(builder);
            builder.Configuration.AddInMemoryCollection(stack.ApiConfiguration);
            configure(builder);
        });
        await api.StartAsync(cancellationToken);
        await Readiness.WaitForAsync(api.Services.GetRequiredService<ManagementListener>().Uri, cancellationToken);
        return api;
    }

    /// <summary>Where it serves the tailnet.</summary>
    public static Uri UriOf(WebApplication api) => api.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses
        .Select(address => new Uri(address)).Single(uri => uri.Port != api.Services.GetRequiredService<ManagementListener>().Uri.Port);
}
