using TKA.DevEnvironment.Stack;

return await DevProgram.RunAsync(args);
