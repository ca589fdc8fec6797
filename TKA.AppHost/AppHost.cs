using TKA.AppHost.Composition;

var builder = DistributedApplication.CreateBuilder(args);

var stack = new StackResources(builder.Configuration, builder.AppHostDirectory);

var operatorService = builder.AddProject<Projects.TKA_Operator>("operator")
    .WithHttpEndpoint(stack.Ports.OperatorHealth, stack.Ports.OperatorHealth, "management", "management__port", isProxied: false)
    .WithHttpHealthCheck("/readyz", endpointName: "management")
    .DisableForwardedHeaders();

var orchestrator = builder.AddProject<Projects.TKA_Orchestrator>("orchestrator")
    .WithHttpEndpoint(stack.Ports.Orchestrator, stack.Ports.Orchestrator, "http", "server__port", isProxied: false)
    .WithHttpEndpoint(stack.Ports.OrchestratorHealth, stack.Ports.OrchestratorHealth, "management", "management__port", isProxied: false)
    .WithHttpHealthCheck("/readyz", endpointName: "management")
    .DisableForwardedHeaders();

var api = builder.AddProject<Projects.TKA_Api>("api")
    .WithHttpEndpoint(stack.Ports.Api, stack.Ports.Api, "http", "tailscale__port", isProxied: false)
    .WithHttpEndpoint(stack.Ports.ApiHealth, stack.Ports.ApiHealth, "management", "management__port", isProxied: false)
    .WithHttpHealthCheck("/readyz", endpointName: "management")
    .WithReference(orchestrator.GetEndpoint("http"))
    .WithEnvironment("orchestrator__url", orchestrator.GetEndpoint("http"))
    .WaitFor(operatorService)
    .WaitFor(orchestrator)
    .DisableForwardedHeaders();

if (builder.ExecutionContext.IsRunMode)
{
    stack.AddDevEnvironment(builder, operatorService, orchestrator, api);
}

builder.Build().Run();
