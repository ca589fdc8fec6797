using TKA.Api.Hosting;

return await ApiProgram.RunAsync(args, Console.Out, Console.Error);
