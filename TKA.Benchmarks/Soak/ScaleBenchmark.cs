using System.Globalization;
using k8s;
using k8s.Models;
using TKA.Benchmarks.Api;
using TKA.Contracts;
using TKA.Contracts.Sessions;
using TKA.Kubernetes.Sessions;

namespace TKA.Benchmarks.Soak;

/// <summary>
/// What a login costs, and what a request with a session's token costs, while thousands of sessions are bound cluster-wide in a cluster of
/// thousands of namespaces. Meant for a real API server (<c>TKA_TEST_KUBECONFIG</c>), which it leaves as it was.
/// </summary>
internal static class ScaleBenchmark
{
    private const int Samples = 60;
    private const string Filler = "filler";

    private static readonly int[] Steps = [0, 1, 2, 4];

    /// <summary>Runs it. Arguments: sessions at most (10,000), namespaces (5,000).</summary>
    public static async Task<int> RunAsync(string[] args)
    {
        var sessions = args is [var first, ..] ? int.Parse(first, CultureInfo.InvariantCulture) : 10_000;
        var namespaces = args is [_, var second, ..] ? int.Parse(second, CultureInfo.InvariantCulture) : 5_000;
        await using var stack = await ApiBenchmarkStack.StartAsync(people: 1000);
        var admin = stack.Admin;
        using var api = await stack.ApiClientAsync();
        await InParallelAsync(0, namespaces, i => admin.CoreV1.CreateNamespaceAsync(new V1Namespace { Metadata = new V1ObjectMeta { Name = $"{Filler}-{i}" } }));
        Console.WriteLine($"{namespaces} namespaces. Milliseconds, one person at a time.");
        Console.WriteLine($"{"sessions",9} {"login p50",10} {"p99",8} {"person: list pods p50",22} {"p99",8}");
        var (made, person) = (0, 0);
        try
        {
            foreach (var step in Steps)
            {
                var wanted = sessions * step / Steps[^1];
                await InParallelAsync(made, wanted, i => api.CustomObjects.CreateNamespacedCustomObjectAsync(
                    Signin(i), TkaSigninResource.Group, TkaSigninResource.Version, TkaSigninResource.DefaultSessionsNamespace, TkaSigninResource.Plural));
                made = wanted;
                await stack.ReadyAsync(made);
                await stack.EventsWrittenAsync();
                var offset = person;
                var login = await Measurement.RunAsync(1, Samples, (_, i) => stack.LoginAsync(offset + i));
                person += Samples;
                using var someone = await stack.KubernetesOfAsync(offset);
                var list = await Measurement.RunAsync(1, Samples, (_, _) => someone.CoreV1.ListNamespacedPodAsync("default"));
                Console.WriteLine(string.Create(
                    CultureInfo.InvariantCulture,
                    $"{made,9} {login.P50.TotalMilliseconds,10:0.0} {login.P99.TotalMilliseconds,8:0.0} {list.P50.TotalMilliseconds,22:0.0} {list.P99.TotalMilliseconds,8:0.0}"));
                await stack.CleanUpAsync(person);
            }
        }
        finally
        {
            await admin.CustomObjects.DeleteCollectionNamespacedCustomObjectAsync(
                TkaSigninResource.Group, TkaSigninResource.Version, TkaSigninResource.DefaultSessionsNamespace, TkaSigninResource.Plural);
            await InParallelAsync(0, namespaces, i => admin.CoreV1.DeleteNamespaceAsync($"{Filler}-{i}"));
            await stack.ReadyAsync(0);
        }

        return 0;
    }

    private static TkaSignin Signin(int i) => new()
    {
        Metadata = new V1ObjectMeta
        {
            Name = SessionNames.ForLogin($"{Filler}{i}@example.com"),
            NamespaceProperty = TkaSigninResource.DefaultSessionsNamespace,
            Finalizers = [TkaSigninResource.Finalizer],
            Annotations = new Dictionary<string, string> { [TkaAnnotations.LastAttemptedSignIn] = UtcTimeConverter.ToText(TimeProvider.System.GetUtcNow()) },
        },
        Spec = new TkaSigninSpec { Username = $"{Filler}{i}@example.com", Role = "view", ValidityPeriod = "8h", Node = new SigninNode { Name = "laptop", StableId = "n1CNTRL" } },
    };

    private static Task InParallelAsync(int from, int to, Func<int, Task> action) =>
        Parallel.ForAsync(from, to, new ParallelOptions { MaxDegreeOfParallelism = 16 }, async (i, _) => await action(i));
}
