using TKA.Api;

await ApiApplication.Create(args).RunAsync();
