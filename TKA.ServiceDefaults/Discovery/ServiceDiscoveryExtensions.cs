using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace TKA.ServiceDefaults.Discovery;

/// <summary>Addresses such as <c>http://orchestrator</c>, resolved from <c>services:orchestrator:http:0</c> as Aspire sets it.</summary>
internal static class ServiceDiscoveryExtensions
{
    internal static void AddServiceDiscoveryDefaults(this WebApplicationBuilder builder)
    {
        builder.Services.AddServiceDiscovery();
        builder.Services.ConfigureHttpClientDefaults(http => http.AddServiceDiscovery());
    }
}
