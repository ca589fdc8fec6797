using TKA.AppHost.Composition;
using TKA.DevEnvironment.Stack;

var builder = DistributedApplication.CreateBuilder(args);

var stack = new StackResources(builder.Configuration, builder.AppHostDirectory);

var operatorService = builder.AddProject<Projects.TKA_Operator>("operator")
    .WithHttpEndpoint(stack.Ports.OperatorHealth, stack.Ports.OperatorHealth, "management", "Management__Port", isProxied: false)
    .WithHttpHealthCheck("/readyz", endpointName: "management")
    .DisableForwardedHeaders();

var orchestrator = builder.AddProject<Projects.TKA_Orchestrator>("orchestrator")
    .WithHttpEndpoint(stack.Ports.Orchestrator, stack.Ports.Orchestrator, "http", "Server__Port", isProxied: false)
    .WithHttpEndpoint(stack.Ports.OrchestratorHealth, stack.Ports.OrchestratorHealth, "management", "Management__Port", isProxied: false)
    .WithHttpHealthCheck("/readyz", endpointName: "management")
    .DisableForwardedHeaders();

var api = builder.AddProject<Projects.TKA_Api>("api")
    .WithHttpEndpoint(stack.Ports.Api, stack.Ports.Api, "http", "Tailscale__Port", isProxied: false)
    .WithHttpEndpoint(stack.Ports.ApiHealth, stack.Ports.ApiHealth, "management", "Management__Port", isProxied: false)
    .WithHttpHealthCheck("/readyz", endpointName: "management")
    .WithReference(orchestrator)
    .WaitFor(operatorService)
    .WaitFor(orchestrator)
    .DisableForwardedHeaders();

if (builder.ExecutionContext.IsRunMode)
    stack.AddDevEnvironment(builder, operatorService, orchestrator, api);

builder.Build().Run();
