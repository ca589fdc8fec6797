namespace TKA.Tests.Infrastructure;

/// <summary>The readiness of a service in this process.</summary>
internal static class Readiness
{
    /// <summary>Returns when a service says that it is ready.</summary>
    /// <param name="management">Base address of its health and metrics.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static async Task WaitForAsync(Uri management, CancellationToken cancellationToken)
    {
        using var http = new HttpClient { BaseAddress = management };
        var said = "";
        await Eventually.TrueAsync(
            async () =>
            {
                using var response = await http.GetAsync("/readyz?verbose", cancellationToken);
                said = await response.Content.ReadAsStringAsync(cancellationToken);
                return response.IsSuccessStatusCode;
            },
            $"{management} is ready",
            seen: () => said);
    }
}
