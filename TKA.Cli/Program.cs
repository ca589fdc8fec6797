using TKA.Cli;
using TKA.Cli.Commands;
using TKA.Cli.Credentials;
using TKA.Cli.Shells;
using TKA.Cli.Terminal;

// What is asked for all the time, by kubectl, prompts and the Tab key, takes no way through the parser and the configuration.
if (args is ["--version"])
{
    CliConsole.WriteLine($"tka {ClientVersion.Number}");
    return ExitCode.Success;
}

if (args is ["credential", ..] && CredentialFastPath.TryAnswer(args))
{
    return ExitCode.Success;
}

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
