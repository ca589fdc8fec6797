using TKA.AppHost.Composition;
using TKA.AppHost.Publishing;

await using var launch = await StackLaunch.PrepareAsync(args);
if (launch.ExitCode is { } refused)
{
    return refused;
}

var builder = DistributedApplication.CreateBuilder(launch.AspireArguments);

var parameters = builder.AddTkaParameters(launch);

var dev = builder.AddTkaDevEnvironment(launch);

var operatorService = builder.AddTkaService<Projects.TKA_Operator>("operator", dev.Ports.OperatorHealth)
    .WithDaprSidecar("tka-operator")
    .WithEnvironment("operator__maxPeriod", parameters.MaxPeriod)
    .WithReference(dev);

var orchestrator = builder.AddTkaService<Projects.TKA_Orchestrator>("orchestrator", dev.Ports.OrchestratorHealth)
    .WithTailnetEndpoint(dev.Ports.Orchestrator, "server__port")
    .WithDaprSidecar("tka-orchestrator")
    .WithReference(dev);

var api = builder.AddTkaService<Projects.TKA_Api>("api", dev.Ports.ApiHealth)
    .WithTailnetEndpoint(dev.Ports.Api, "tailscale__port")
    .WithReference(orchestrator.GetEndpoint("http"))
    .WithEnvironment("orchestrator__url", orchestrator.GetEndpoint("http"))
    .WithEnvironment("api__maxPeriod", parameters.MaxPeriod)
    .WithCluster(parameters)
    .WithReference(dev);

for (var number = 2; number <= launch.Options.Clusters; number++)
{
    builder.AddFurtherCluster(number, dev, orchestrator, api);
}

builder.WithTkaDashboard(dev, api, operatorService, orchestrator);

builder.AddTkaDeployment(launch, parameters);

return await launch.RunAsync(builder.Build());
