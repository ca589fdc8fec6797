using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Http.Resilience;

namespace TKA.ServiceDefaults.Resilience;

/// <summary>Time limits, retries and circuit breaking of every <see cref="HttpClient"/> from the factory.</summary>
internal static class ResilienceExtensions
{
    /// <summary>
    /// The standard pipeline without retries of POST, PUT, PATCH, DELETE and CONNECT: when an answer is lost nobody knows
    /// whether the request was carried out, and only its author knows whether doing it twice is safe.
    /// </summary>
    internal static void AddHttpResilience(this WebApplicationBuilder builder) =>
        builder.Services.ConfigureHttpClientDefaults(http =>
            http.AddStandardResilienceHandler(options => options.Retry.DisableForUnsafeHttpMethods()));
}
