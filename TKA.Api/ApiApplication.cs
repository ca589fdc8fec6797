using TKA.Api.Configuration;
using TKA.Api.Endpoints;
using TKA.Api.Hosting;
using TKA.Api.OpenApi;
using TKA.Api.Problems;
using TKA.Api.Telemetry;
using TKA.Contracts.Rest;
using TKA.ServiceDefaults;
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
    /// <exception cref="Exception">The configuration cannot be used; the message says what to change.</exception>
    public static WebApplication Create(string[] args, Action<WebApplicationBuilder>? configure = null)
    {
        var commandLine = CommandLine.Parse(args);
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions
        {
            ApplicationName = "TKA.Api",
            Args = [.. commandLine.Values.Select(pair => $"--{pair.Key}={pair.Value}")],
        });
        configure?.Invoke(builder);
        builder.Configuration.AddTkaSources(commandLine.ConfigFile, Environment.GetEnvironmentVariable);
        builder.Configuration.Normalize();
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
        app.MapManagementEndpoints();
        foreach (var hint in UnknownKeys.Hints(builder.Configuration))
        {
            Log.ConfigurationHint(app.Logger, hint);
        }

        return app;
    }
}
