using TKA.Benchmarks.Cli;
using TKA.Benchmarks.Cluster;

switch (args)
{
    case ["cli", .. var rest]:
        return await CliBenchmarks.RunAsync(rest);
    case ["cluster", ..]:
        await ClusterBenchmarks.RunAsync();
        return 0;
    default:
        Console.Error.WriteLine("usage: dotnet run -c Release --project TKA.Benchmarks -- cli|cluster");
        return 2;
}
