using TKA.Orchestrator.Configuration;
using TKA.Orchestrator.Endpoints;
using TKA.Orchestrator.Hosting;
using TKA.Orchestrator.Problems;
using TKA.ServiceDefaults;
using TKA.Tailscale.Serving;

namespace TKA.Orchestrator;

/// <summary>Builds the orchestrator's host. The executable, the embedded stack and the tests all start it through here.</summary>
public static class OrchestratorApplication
{
    /// <summary>Creates the application, ready to run.</summary>
    /// <param name="args">Command-line arguments of the executable: <c>--config FILE</c> and <c>--section:key value</c>.</param>
    /// <param name="configure">
    /// Called first on the builder: adds configuration or replaces services such as <see cref="TimeProvider"/>. What it adds
    /// to the configuration is stronger than files, environment and arguments.
    /// </param>
    /// <exception cref="FormatException">A setting cannot be read; the message says what to change.</exception>
    public static WebApplication Create(string[] args, Action<WebApplicationBuilder>? configure = null)
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { ApplicationName = "TKA.Orchestrator", Args = args });
        configure?.Invoke(builder);
        builder.Configuration.AddTkaSources();
        builder.Configuration.NormalizeDurations();
        builder.AddServiceDefaults();
        builder.AddOrchestrator();

        var app = builder.Build();
        app.UseExceptionHandler();
        app.UseStatusCodePages(context => new ProblemResult(OrchestratorProblems.ForStatus(context.HttpContext.Response.StatusCode)).ExecuteAsync(context.HttpContext));
        app.UseTailnetBrowserGuard();
        app.UseRouting();
        app.UseAuthentication();
        app.UseAuthorization();
        app.MapClustersApi();
        app.MapTkaOpenApi();
        app.MapManagementEndpoints();
        return app;
    }
}
