using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using TKA.Api;
using TKA.Operator;
using TKA.Operator.Tokens;

namespace TKA.Benchmarks.Soak;

/// <summary>The inside of a <see cref="Component"/>'s process: runs until standard input ends, and says how much memory it has when asked.</summary>
internal static class ComponentHost
{
    public const string Api = "soak-api";
    public const string Operator = "soak-operator";

    /// <summary>The question on standard input.</summary>
    public const string Memory = "memory";

    /// <summary>The setting with the port of a component's service.</summary>
    public static string PortOf(string kind) => kind == Api ? "tailscale:port" : "operator:tokenService:port";

    public static async Task RunAsync(string kind, string settingsPath, string logPath)
    {
        var settings = JsonSerializer.Deserialize<Dictionary<string, string?>>(await File.ReadAllTextAsync(settingsPath))!;
        await using var log = new WarningLog(logPath);
        await using var app = kind == Api ? ApiApplication.Create([], Configure) : OperatorApplication.Create([], Configure);
        await app.StartAsync();
        await RunningService.WaitForReadyAsync(app);
        Console.WriteLine(AddressOf(app, kind));
        while (await Console.In.ReadLineAsync() is { } line)
        {
            if (line == Memory)
            {
                GC.Collect(2, GCCollectionMode.Forced, blocking: true, compacting: true);
                Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{GC.GetTotalMemory(forceFullCollection: true)} {Environment.WorkingSet}"));
            }
        }

        await app.StopAsync();

        void Configure(WebApplicationBuilder builder)
        {
            builder.Configuration.AddInMemoryCollection(settings);
            builder.Logging.ClearProviders().AddProvider(log);
        }
    }

    private static Uri AddressOf(WebApplication app, string kind) =>
        kind == Operator ? app.Services.GetRequiredService<TokenServiceListener>().Uri : RunningService.AddressOf(app);
}
