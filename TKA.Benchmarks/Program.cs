using TKA.Benchmarks.Api;
using TKA.Benchmarks.Cli;
using TKA.Benchmarks.Cluster;
using TKA.Benchmarks.Operator;
using TKA.Benchmarks.Orchestrator;
using TKA.Benchmarks.Soak;

switch (args)
{
    case ["api", .. var rest]:
        return await ApiBenchmarks.RunAsync(rest);
    case ["api-parts", .. var rest]:
        return await ApiBenchmarks.PartsAsync(rest);
    case ["api-timeline", ..]:
        return await ApiBenchmarks.TimelineAsync();
    case ["cli", .. var rest]:
        return await CliBenchmarks.RunAsync(rest);
    case ["access", ..]:
        AccessBenchmarks.Run();
        return 0;
    case ["cluster", ..]:
        await ClusterBenchmarks.RunAsync();
        return 0;
    case ["operator"]:
        await OperatorBenchmarks.RunAsync(count: 10_000);
        return 0;
    case ["operator", var count]:
        await OperatorBenchmarks.RunAsync(int.Parse(count, System.Globalization.CultureInfo.InvariantCulture));
        return 0;
    case ["orchestrator", .. var rest]:
        await OrchestratorBenchmarks.RunAsync(rest is [var clusters, ..] ? int.Parse(clusters, System.Globalization.CultureInfo.InvariantCulture) : 10_000);
        return 0;
    case ["soak", .. var rest]:
        return await SoakBenchmark.RunAsync(rest);
    case ["scale", .. var rest]:
        return await ScaleBenchmark.RunAsync(rest);
    case [ComponentHost.Api or ComponentHost.Operator, var settings, var log]:
        await ComponentHost.RunAsync(args[0], settings, log);
        return 0;
    case [ClusterProcess.Argument, var kubeconfig]:
        await ClusterProcess.ServeAsync(kubeconfig);
        return 0;
    default:
        Console.Error.WriteLine("usage: dotnet run -c Release --project TKA.Benchmarks -- access|api|api-parts|api-timeline|cli|cluster|operator|orchestrator|scale|soak");
        return 2;
}
