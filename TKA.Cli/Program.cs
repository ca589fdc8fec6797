using TKA.Cli;
using TKA.Cli.Commands;
using TKA.Cli.Credentials;
using TKA.Cli.Errors;
using TKA.Cli.Shells;

// What is asked for all the time, by kubectl, prompts and the Tab key, takes no way through the parser and the configuration.
if ((args is ["--version"] && VersionAction.TryPrint()) || (args is ["credential", ..] && CredentialFastPath.TryAnswer(args)))
{
    return ExitCode.Success;
}

try
{
    if (args is [CompleteCommand.Name, ..])
    {
        return await CompleteCommand.RunAsync(args[1..]);
    }

    // kubectl finds plugins, and asks for their completions, by the name of the program.
    if (Path.GetFileNameWithoutExtension(Environment.GetCommandLineArgs()[0]) == GenerateKubectlPluginCommand.Complete)
    {
        return await CompleteCommand.RunAsync(args);
    }

    using var signals = new ProcessSignals();
    return await TkaCommandLine.RunAsync(args, signals.Token);
}
catch (CliException exception)
{
    // Commands report their own errors. This is help, a version or completions that could not be written.
    CliCommand.Reporter(null, null).Report(exception, debug: false);
    return exception.ExitCode;
}
