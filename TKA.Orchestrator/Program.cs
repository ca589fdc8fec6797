using Microsoft.Extensions.Options;
using TKA.Orchestrator;

try
{
    await using var app = OrchestratorApplication.Create(args);

    // The host would do the same and log a stack trace for what is a matter of one line.
    app.Services.GetRequiredService<IStartupValidator>().Validate();
    await app.RunAsync();
    return 0;
}
catch (Exception exception) when (exception is OptionsValidationException or FormatException or FileNotFoundException or IOException)
{
    await Console.Error.WriteLineAsync(exception.Message);
    return 1;
}
