using TKA.Api.Configuration;
using TKA.Api.Endpoints;
using TKA.Api.Hosting;
using TKA.Api.OpenApi;
using TKA.Api.Problems;
using TKA.Api.Web;
using TKA.Contracts.Rest;
using TKA.ServiceDefaults;
using TKA.ServiceDefaults.Configuration;
using TKA.Tailscale.Serving;

namespace TKA.Api;

/// <summary>Builds the API's host. The executable, the embedded stack and the tests all start it through here.</summary>
public static class ApiApplication
{
    /// <summary>Creates the application, ready to run.</summary>
    /// <param name="args">Command-line arguments of the executable; see <c>--help</c>.</param>
    /// <param name="configure">
    /// Called first on the builder: adds configuration or replaces services such as <see cref="TimeProvider"/>. What it adds
    /// to the configuration is stronger than files, environment and arguments.
    /// </param>
    /// <exception cref="ConfigurationException">The configuration cannot be used; the message says what to write.</exception>
    public static WebApplication Create(string[] args, Action<WebApplicationBuilder>? configure = null)
    {
        var builder = ApiSettings.Service.CreateBuilder(args, configure);
        builder.AddServiceDefaults();
        builder.AddApi();

        var app = builder.Build();
        app.UseExceptionHandler();
        app.UseStatusCodePages(StatusProblems.WriteAsync);
        app.UseTailnetBrowserGuard();
        app.UseRouting();
        app.UseRequestTimeouts();
        app.UseAuthentication();
        app.UseRateLimiter();
        app.UseAuthorization();
        app.MapGroup(ApiRoutes.ApiBase)
            .MapLoginApi()
            .MapCredentialApi()
            .MapInformationApi()
            .MapSessionsApi();
        app.MapTkaOpenApi();
        app.MapPages();
        app.MapManagementEndpoints();
        return app;
    }
}
