using TKA.AppHost.Embedded;

return await EmbeddedProgram.RunAsync(args);
