using TKA.DevStack;

return await StackProgram.RunAsync(args);
