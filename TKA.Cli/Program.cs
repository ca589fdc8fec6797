using TKA.Cli;
using TKA.Cli.Commands;
using TKA.Cli.Shells;

if (args is ["--version"])
{
    // Asked for by scripts and prompts all the time: no parser, no configuration.
    Console.WriteLine($"tka {ClientVersion.Number}");
    return ExitCode.Success;
}

using var signals = new ProcessSignals();
return await TkaCommandLine.RunAsync(args, signals.Token);
