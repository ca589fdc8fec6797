using TKA.Orchestrator.Configuration;
using TKA.Orchestrator.Endpoints;
using TKA.Orchestrator.Hosting;
using TKA.Orchestrator.Problems;
using TKA.Orchestrator.Web;
using TKA.ServiceDefaults;
using TKA.ServiceDefaults.Configuration;
using TKA.ServiceDefaults.Problems;
using TKA.Tailscale.Serving;

namespace TKA.Orchestrator;

/// <summary>Builds the orchestrator's host. The executable, the embedded stack and the tests all start it through here.</summary>
public static class OrchestratorApplication
{
    /// <summary>Creates the application, ready to run.</summary>
    /// <param name="args">Command-line arguments of the executable: see <c>--help</c>.</param>
    /// <param name="configure">
    /// Called first on the builder: adds configuration or replaces services such as <see cref="TimeProvider"/>. What it adds
    /// to the configuration is stronger than files, environment and arguments.
    /// </param>
    /// <exception cref="ConfigurationException">The configuration cannot be used; the message says what to write.</exception>
    public static WebApplication Create(string[] args, Action<WebApplicationBuilder>? configure = null)
    {
        var builder = OrchestratorSettings.Service.CreateBuilder(args, configure);
        builder.AddServiceDefaults();
        builder.AddOrchestrator();

        var app = builder.Build();
        app.UseExceptionHandler();
        app.UseStatusCodePages(context => ProblemWriter.WriteAsync(context.HttpContext, OrchestratorProblems.ForStatus(context.HttpContext.Response.StatusCode)));
        app.UseTailnetBrowserGuard();
        app.UseRouting();
        app.UseAuthentication();
        app.UseAuthorization();
        app.MapClustersApi();
        app.MapTkaOpenApi();
        app.MapPages();
        app.MapManagementEndpoints();
        return app;
    }
}
