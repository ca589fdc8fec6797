using TKA.Operator;

await OperatorApplication.Create(args).RunAsync();
