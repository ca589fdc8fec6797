using k8s;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using TKA.Contracts.Sessions;
using TKA.Kubernetes.Client;
using TKA.Operator.Ledger;

namespace TKA.Benchmarks.Soak;

/// <summary>What is left when everybody has signed out: nothing in the cluster, everything in the ledger, no error line without a reason.</summary>
internal static class Aftermath
{
    private const string OfTka = "app.kubernetes.io/managed-by=tka";

    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(90);

    /// <summary>Errors that the faults made explain: a connection broke, was refused, or brought no answer. Anything else is a finding.</summary>
    private static readonly string[] Explained =
    [
        "the Kubernetes API cannot be reached",
        "the connection to the Kubernetes API broke",
        "no secure connection to the Kubernetes API",
        "no answer in time",
    ];

    /// <summary>Waits until no object of a session is left.</summary>
    /// <returns>What is left after <see cref="Bound"/>.</returns>
    public static async Task<IReadOnlyList<string>> OrphansAsync(IKubernetes admin)
    {
        var until = TimeProvider.System.GetUtcNow() + Bound;
        while (true)
        {
            string[] left =
            [
                .. (await admin.CoreV1.ListNamespacedServiceAccountAsync(TkaSigninResource.DefaultSessionsNamespace, labelSelector: OfTka)).Items.Select(item => $"serviceaccount {item.Metadata.Name}"),
                .. (await admin.RbacAuthorizationV1.ListClusterRoleBindingAsync(labelSelector: OfTka)).Items
                    .Where(item => item.Subjects?.Any(subject => subject.NamespaceProperty == TkaSigninResource.DefaultSessionsNamespace) == true)
                    .Select(item => $"clusterrolebinding {item.Metadata.Name}"),
            ];
            if (left.Length == 0 || TimeProvider.System.GetUtcNow() > until)
            {
                return left;
            }

            await Task.Delay(TimeSpan.FromSeconds(1), TimeProvider.System, CancellationToken.None);
        }
    }

    /// <summary>Waits until the ledger has a record of each session that began, closed.</summary>
    /// <returns>Names of people with too few or open records after <see cref="Bound"/>, and how many records there are.</returns>
    public static async Task<(IReadOnlyList<string> Wrong, int Records)> LedgerAsync(Uri dapr, DateTimeOffset since, IReadOnlyDictionary<string, int> begun)
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection([new("DAPR_GRPC_ENDPOINT", dapr.ToString())]).Build();
        var services = new ServiceCollection().AddSingleton<IConfiguration>(configuration).AddLogging();
        services.AddSingleton(new ClusterTime(TimeProvider.System));
        services.AddLedger(configuration);
        await using var provider = services.BuildServiceProvider();
        var ledger = provider.GetRequiredService<LedgerStore>();
        var until = TimeProvider.System.GetUtcNow() + Bound;
        while (true)
        {
            var records = (await ledger.HistoryAsync(since, TimeProvider.System.GetUtcNow(), CancellationToken.None))!;
            var closed = records.Where(record => record.Ended is not null).CountBy(record => record.Username).ToDictionary();
            string[] wrong =
            [
                .. begun.Where(person => closed.GetValueOrDefault(person.Key) < person.Value).Select(person => $"{person.Key}: {closed.GetValueOrDefault(person.Key)} records of {person.Value} sessions"),
                .. records.Where(record => record.Ended is null).Select(record => $"{record.Username}: {record.Uid} is open"),
            ];
            if (wrong.Length == 0 || TimeProvider.System.GetUtcNow() > until)
            {
                return (wrong, records.Count);
            }

            await Task.Delay(TimeSpan.FromSeconds(2), TimeProvider.System, CancellationToken.None);
        }
    }

    /// <summary>The different error lines without a reason, with names and numbers left out, and how often each came.</summary>
    public static IReadOnlyList<string> UnexplainedErrors(Component component) =>
    [
        .. File.ReadLines(component.LogPath)
            .Where(line => line.StartsWith(nameof(LogLevel.Error), StringComparison.Ordinal) || line.StartsWith(nameof(LogLevel.Critical), StringComparison.Ordinal))
            .Where(line => !Explained.Any(reason => line.Contains(reason, StringComparison.Ordinal)))
            .CountBy(line => string.Concat(line[..Math.Min(line.Length, 160)].Select(letter => char.IsDigit(letter) ? '#' : letter)))
            .OrderByDescending(kind => kind.Value)
            .Select(kind => $"{kind.Value} x {component.Kind}: {kind.Key}"),
    ];
}
