using TKA.Benchmarks.Api;
using TKA.Benchmarks.Cli;
using TKA.Benchmarks.Cluster;

switch (args)
{
    case ["api", .. var rest]:
        return await ApiBenchmarks.RunAsync(rest);
    case ["api-parts", .. var rest]:
        return await ApiBenchmarks.PartsAsync(rest);
    case ["cli", .. var rest]:
        return await CliBenchmarks.RunAsync(rest);
    case ["cluster", ..]:
        await ClusterBenchmarks.RunAsync();
        return 0;
    default:
        Console.Error.WriteLine("usage: dotnet run -c Release --project TKA.Benchmarks -- api|api-parts|cli|cluster");
        return 2;
}
