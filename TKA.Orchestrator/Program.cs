using TKA.Orchestrator;
using TKA.Orchestrator.Configuration;
using TKA.ServiceDefaults.Configuration;

return await ServiceProgram.RunAsync(
    OrchestratorSettings.Service, args, arguments => OrchestratorApplication.Create(arguments), Console.Out, Console.Error);
