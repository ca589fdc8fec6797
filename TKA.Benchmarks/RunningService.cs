using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using TKA.ServiceDefaults.Management;

namespace TKA.Benchmarks;

/// <summary>A service of TKA that runs in this process.</summary>
internal static class RunningService
{
    /// <summary>Returns when the service says that it is ready.</summary>
    public static async Task WaitForReadyAsync(WebApplication app)
    {
        using var http = new HttpClient { BaseAddress = ManagementOf(app) };
        while (true)
        {
            using var response = await http.GetAsync("/readyz");
            if (response.IsSuccessStatusCode)
            {
                return;
            }

            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, CancellationToken.None);
        }
    }

    /// <summary>Address of the service itself, beside that of its health and metrics.</summary>
    public static Uri AddressOf(WebApplication app) => app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses
        .Select(address => new Uri(address)).Single(uri => uri.Port != ManagementOf(app).Port);

    private static Uri ManagementOf(WebApplication app) => app.Services.GetRequiredService<ManagementListener>().Uri;
}
