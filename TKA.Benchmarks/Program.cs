using TKA.Benchmarks.Cluster;

switch (args)
{
    case ["cluster", ..]:
        await ClusterBenchmarks.RunAsync();
        return 0;
    default:
        Console.Error.WriteLine("usage: dotnet run -c Release --project TKA.Benchmarks -- cluster");
        return 2;
}
