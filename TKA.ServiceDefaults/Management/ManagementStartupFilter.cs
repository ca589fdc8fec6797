using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http.Features;

namespace TKA.ServiceDefaults.Management;

/// <summary>
/// Branches management connections off before anything of the service's own pipeline: a probe is not authenticated, counted or
/// rate limited, and neither listener serves a path of the other.
/// </summary>
internal sealed class ManagementStartupFilter(ManagementListener listener) : IStartupFilter
{
    /// <inheritdoc/>
    public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
    {
        app.MapWhen(
            static context => context.Features.Get<IManagementConnectionFeature>() is not null,
            branch =>
            {
                branch.Use(static (context, following) =>
                {
                    // Probes every few seconds would drown the service's own requests in http.server.request.duration.
                    if (context.Features.Get<IHttpMetricsTagsFeature>() is { } metrics)
                    {
                        metrics.MetricsDisabled = true;
                    }

                    return following(context);
                });
                listener.Pipeline(branch);
            });
        next(app);
    };
}
