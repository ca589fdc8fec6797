using TKA.Orchestrator;

await OrchestratorApplication.Create(args).RunAsync();
