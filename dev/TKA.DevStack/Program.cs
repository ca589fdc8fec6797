using TKA.DevEnvironment.Stack;
using TKA.DevStack;

return await StackExit.RunAsync(
    () => CommandLine.Parse(args),
    async (options, stop) =>
    {
        await using var host = new StackHost(options);
        await host.RunAsync(stop);
    });
