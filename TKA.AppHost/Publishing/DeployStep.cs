using Aspire.Hosting.Pipelines;
using Microsoft.Extensions.DependencyInjection;
using TKA.AppHost.Composition;
using TKA.DevEnvironment.Stack;

namespace TKA.AppHost.Publishing;

/// <summary>
/// What <c>aspire publish</c> and <c>--operation publish --step publish</c> write. A step of our own, because what Aspire makes of a
/// project (a Deployment and a Service) lacks the CRD, the rights, the admission policies and the tailscale sidecar without which TKA
/// cannot run.
/// </summary>
internal static class DeployStep
{
    private const string Name = "tka-deploy-files";

    /// <summary>Adds the step. Nothing happens when the application runs.</summary>
    public static void AddTkaDeployment(this IDistributedApplicationBuilder builder, StackLaunch launch, TkaParameters parameters)
    {
        if (parameters.Deployment is null)
        {
            return;
        }

        builder.Pipeline.AddStep(
            Name,
            async context =>
            {
                try
                {
                    await WriteAsync(context, parameters, Path.Combine(builder.AppHostDirectory, "..", "deploy"));
                }
                catch (StackException exception)
                {
                    // Without the `aspire` command Aspire neither prints a failed step nor returns another exit code for it.
                    launch.Fail(exception.Message);
                    throw;
                }
            },
            dependsOn: WellKnownPipelineSteps.PublishPrereq,
            requiredBy: WellKnownPipelineSteps.Publish);
    }

    private static async Task WriteAsync(PipelineStepContext context, TkaParameters parameters, string deploy)
    {
        var settings = await DeploySettings.ReadAsync(parameters, context.CancellationToken);
        var output = context.Services.GetRequiredService<IPipelineOutputService>().GetOutputDirectory();
        var files = new DeployFiles(deploy, output);
        files.Write(settings);
        Console.WriteLine($"""
            Written. The Secrets that TKA needs are described in docs/operator-guide.md. Then either
              helm install tka {files.Chart} --namespace tka-system --values {files.Values}
              kubectl apply -k {files.OverlayOf(settings)}
            """);
    }
}
