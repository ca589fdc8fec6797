using System.Globalization;
using TKA.Contracts.Rest;

namespace TKA.Benchmarks.Api;

/// <summary>
/// <c>POST /login</c> and <c>GET /kubeconfig</c> (<c>Prefer: wait</c>) beside their floor: the five Kubernetes requests that a
/// login costs, sent back to back by a bare HttpClient in the same process to a cluster of the same kind. The floor's work
/// is in both figures, so the ratio is what TKA adds: identity, two HTTP requests, the watches of API and operator. Both are warm:
/// the first thousand logins of a process measure the compiler, and TKA has more code to compile than five requests. Processor time
/// is this process's, without the cluster's.
/// </summary>
internal static class ApiBenchmarks
{
    private static readonly int[] Concurrency = [1, 8, 32];

    private const int WarmupRounds = 24;
    private const int WarmupLogins = 200;
    private const int PerUser = 24;

    /// <summary>Operations of one kind over all rounds: p99 of fewer is the worst of a handful.</summary>
    private const int Samples = 1000;

    /// <summary>Runs and prints a table.</summary>
    public static async Task<int> RunAsync(string[] args)
    {
        var rounds = args is [var text, ..] && int.TryParse(text, CultureInfo.InvariantCulture, out var given) ? given : 3;
        var people = WarmupLogins + (rounds * Concurrency.Sum(users => Logins(users, rounds)));
        await (InstalledCluster.RealKubeconfig is null || InstalledCluster.HasTwo ? SideBySideAsync(rounds, people) : OneAfterTheOtherAsync(rounds, people));
        return 0;
    }

    /// <summary>Each on a cluster of its own, in turns.</summary>
    private static async Task SideBySideAsync(int rounds, int people)
    {
        await using var stack = await ApiBenchmarkStack.StartAsync(people);
        using var floor = await Floor.StartAsync();
        var real = InstalledCluster.RealKubeconfig is not null;
        await floor.CleanUpAsync();
        for (var round = 0; round < (real ? WarmupRounds / 4 : WarmupRounds); round++)
        {
            var cold = await Measurement.RunAsync(8, WarmupLogins, (_, i) => floor.LoginAsync($"warm-{i}"));
            var login = await Measurement.RunAsync(8, WarmupLogins, (_, i) => stack.LoginAsync(i));
            await stack.CleanUpAsync(floor, WarmupLogins);
            if (round == 0)
            {
                Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"First {WarmupLogins} logins of a new process, 8 at a time: floor p50 {cold.P50.TotalMilliseconds:0.0} ms, TKA {login.P50.TotalMilliseconds:0.0} ms. Below: warm."));
            }
        }

        await stack.EventsWrittenAsync();
        Header("Login to kubeconfig");
        var (floors, ours) = (Concurrency.ToDictionary(users => users, _ => new Rounds()), Concurrency.ToDictionary(users => users, _ => new Rounds()));
        var person = WarmupLogins;
        foreach (var users in Concurrency)
        {
            for (var round = 0; round < rounds; round++)
            {
                var (offset, tag) = (person, $"{users}-{round}");
                floors[users].Logins.Add(await Measurement.RunAsync(users, Logins(users, rounds), (_, i) => floor.LoginAsync($"f{tag}-{i}")));
                ours[users].Logins.Add(await Measurement.RunAsync(users, Logins(users, rounds), (_, i) => stack.LoginAsync(offset + i)));
                floors[users].Renewals.Add(await Measurement.RunAsync(users, Logins(users, rounds), (_, i) => floor.RenewAsync($"f{tag}-{i}")));
                ours[users].Renewals.Add(await Measurement.RunAsync(users, Logins(users, rounds), (_, i) => stack.RenewAsync(offset + i)));
                person += Logins(users, rounds);
                await stack.CleanUpAsync(floor, person);

                // Writing the Events of one round would slow the next one.
                await stack.EventsWrittenAsync();
            }

            Print(users, Measurement.Together(floors[users].Logins), Measurement.Together(ours[users].Logins));
        }

        Header("Renewal: sign in again and get a token");
        foreach (var users in Concurrency)
        {
            Print(users, Measurement.Together(floors[users].Renewals), Measurement.Together(ours[users].Renewals));
        }
    }

    /// <summary>
    /// On one real cluster: the floor while nobody watches, then TKA, then the floor again, because a cluster that has worked for a
    /// while is not as fast as a new one.
    /// </summary>
    private static async Task OneAfterTheOtherAsync(int rounds, int people)
    {
        var floors = Concurrency.ToDictionary(users => users, _ => new Rounds());
        await FloorsAsync("before", rounds, floors);

        var ours = Concurrency.ToDictionary(users => users, _ => new Rounds());
        await using (var stack = await ApiBenchmarkStack.StartAsync(people))
        {
            for (var round = 0; round < WarmupRounds / 4; round++)
            {
                await Measurement.RunAsync(8, WarmupLogins, (_, i) => stack.LoginAsync(i));
                await stack.CleanUpAsync(WarmupLogins);
            }

            await stack.EventsWrittenAsync();
            var person = WarmupLogins;
            foreach (var users in Concurrency)
            {
                for (var round = 0; round < rounds; round++)
                {
                    var offset = person;
                    ours[users].Logins.Add(await Measurement.RunAsync(users, Logins(users, rounds), (_, i) => stack.LoginAsync(offset + i)));
                    ours[users].Renewals.Add(await Measurement.RunAsync(users, Logins(users, rounds), (_, i) => stack.RenewAsync(offset + i)));
                    person += Logins(users, rounds);
                    await stack.CleanUpAsync(person);
                    await stack.EventsWrittenAsync();
                }
            }
        }

        await FloorsAsync("after", rounds, floors);
        Header("Login to kubeconfig");
        foreach (var users in Concurrency)
        {
            Print(users, Measurement.Together(floors[users].Logins), Measurement.Together(ours[users].Logins));
        }

        Header("Renewal: sign in again and get a token");
        foreach (var users in Concurrency)
        {
            Print(users, Measurement.Together(floors[users].Renewals), Measurement.Together(ours[users].Renewals));
        }
    }

    private static async Task FloorsAsync(string tag, int rounds, Dictionary<int, Rounds> floors)
    {
        using var floor = await Floor.StartAsync();
        await floor.CleanUpAsync();
        await Measurement.RunAsync(8, WarmupLogins, (_, i) => floor.LoginAsync($"{tag}-warm-{i}"));
        await floor.CleanUpAsync();
        foreach (var users in Concurrency)
        {
            for (var round = 0; round < rounds; round++)
            {
                var prefix = $"{tag}-{users}-{round}";
                floors[users].Logins.Add(await Measurement.RunAsync(users, Logins(users, rounds), (_, i) => floor.LoginAsync($"{prefix}-{i}")));
                floors[users].Renewals.Add(await Measurement.RunAsync(users, Logins(users, rounds), (_, i) => floor.RenewAsync($"{prefix}-{i}")));
                await floor.CleanUpAsync();
            }
        }
    }

    /// <summary>Where the time goes: each kind of request alone, by one person on a kept connection and on new ones.</summary>
    public static async Task<int> PartsAsync(string[] args)
    {
        const int Count = 400;
        const int WarmRounds = 8;
        const string TokensOf = "tokens";
        await using var stack = await ApiBenchmarkStack.StartAsync(people: 2);
        using var floor = await Floor.StartAsync();
        await stack.LoginAsync(0);
        await floor.LoginAsync(TokensOf);
        using var kept = stack.ClientOf(0);
        (string Name, Func<int, Task> Run)[] parts =
        [
            ("one Kubernetes request (get namespace)", _ => floor.GetAsync()),
            ("GET /access", _ => ApiBenchmarkStack.GetAsync(kept, ApiRoutes.Access)),
            ("GET /access, new connection", async _ =>
            {
                using var http = stack.ClientOf(0);
                await ApiBenchmarkStack.GetAsync(http, ApiRoutes.Access);
            }),
            ("one token, by the bare client", _ => floor.TokenAsync(TokensOf)),
            ("GET /login", _ => ApiBenchmarkStack.GetAsync(kept, ApiRoutes.Login)),
            ("GET /token", _ => ApiBenchmarkStack.GetAsync(kept, ApiRoutes.Token)),
            ("POST /login (renewal)", async _ =>
            {
                using var login = await kept.PostAsync(ApiRoutes.Login, null);
            }),
        ];
        for (var round = 0; round < WarmRounds; round++)
        {
            foreach (var (_, run) in parts)
            {
                await Measurement.RunAsync(4, Count, (_, i) => run(i));
            }
        }

        foreach (var (name, run) in parts)
        {
            var measured = await Measurement.RunAsync(1, Count, (_, i) => run(i));
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{name,-42} p50 {measured.P50.TotalMilliseconds,7:0.00} ms   cpu {measured.Cpu.TotalMilliseconds,7:0.00} ms"));
        }

        return 0;
    }

    /// <summary>Where the time of one person's login goes, by the spans of its trace; recording them makes it a little slower.</summary>
    public static async Task<int> TimelineAsync()
    {
        const int Count = 500;
        await using var stack = await ApiBenchmarkStack.StartAsync(Count);
        for (var round = 0; round < WarmupRounds / 4; round++)
        {
            await Measurement.RunAsync(8, WarmupLogins, (_, i) => stack.LoginAsync(i));
            await stack.CleanUpAsync(WarmupLogins);
        }

        await stack.EventsWrittenAsync();
        using var timeline = new LoginTimeline();
        await Measurement.RunAsync(1, Count, (_, i) => timeline.RunAsync(() => stack.LoginAsync(i)));
        timeline.Print();
        await stack.CleanUpAsync(Count);
        return 0;
    }

    private static int Logins(int users, int rounds) => Math.Max((Samples + rounds - 1) / rounds, users * PerUser);

    private static void Header(string what)
    {
        Console.WriteLine($"{what}, milliseconds; percentiles over all rounds.");
        Console.WriteLine($"{"users",5} {"floor p50",10} {"p99",8} {"/s",7} {"cpu",6}   {"TKA p50",10} {"p99",8} {"/s",7} {"cpu",6}   {"p50 ratio",10} {"difference",11} {"throughput",11} {"cpu ratio",10}");
    }

    private static void Print(int users, Measurement floor, Measurement login) => Console.WriteLine(string.Create(
        CultureInfo.InvariantCulture,
        $"{users,5} {floor.P50.TotalMilliseconds,10:0.0} {floor.P99.TotalMilliseconds,8:0.0} {floor.PerSecond,7:0} {floor.Cpu.TotalMilliseconds,6:0.0}   {login.P50.TotalMilliseconds,10:0.0} {login.P99.TotalMilliseconds,8:0.0} {login.PerSecond,7:0} {login.Cpu.TotalMilliseconds,6:0.0}   {login.P50 / floor.P50,9:0.00}x {(login.P50 - floor.P50).TotalMilliseconds,11:0.0} {login.PerSecond / floor.PerSecond,11:P0} {login.Cpu / floor.Cpu,9:0.00}x"));

    /// <summary>What was measured with so many users, round by round.</summary>
    private sealed record Rounds
    {
        public List<Measurement> Logins { get; } = [];

        public List<Measurement> Renewals { get; } = [];
    }
}
