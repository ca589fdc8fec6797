using k8s;
using TKA.Operator.Ledger;
using TKA.Tests.Deploy;
using TKA.Tests.Infrastructure;
using TKA.Tests.Operator.Infrastructure;
using Xunit;

namespace TKA.Tests.Operator;

/// <summary>
/// What the operator makes of a backup that is restored into another cluster: objects of sessions, as a backup tool keeps them, and the
/// database of the history.
/// </summary>
public sealed class RestoreTests : IDisposable
{
    private const string Alice = "alice@example.com";
    private const string Bob = "bob@example.com";
    private const string Policy = "tka-signins";

    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("tka-restore-");

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => _directory.Delete(recursive: true);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Restored_sessions_go_on_until_their_end_or_are_refused_and_never_outlive_it(bool beforeThePolicies)
    {
        Assert.SkipWhen(TestCluster.RealKubeconfig is not null, "restores into a second cluster");
        await using var before = await SessionWorld.StartAsync();
        await using var dapr = await TestDapr.StartAsync(Cancel, before.Time);
        var start = before.Time.GetUtcNow();
        string signins;
        string accounts;
        string bindings;
        await using (var tested = await OperatorUnderTest.StartAsync(before, Setup(dapr)))
        {
            await before.LoginAsync(Alice, period: "2h");
            await before.LoginAsync(Bob, "tka-edit", "10m", "default");
            await before.ReadyAsync(Alice);
            await before.ReadyAsync(Bob);
            await RecordedSessions.ReadAsync(before, tested, start, records => records.Count == 2);
            signins = await BackUpAsync(before, "tkasignins", "-n", before.Tka.SessionsNamespace);
            accounts = await BackUpAsync(before, "serviceaccounts", "-n", before.Tka.SessionsNamespace, "-l", "app.kubernetes.io/managed-by=tka");
            bindings = await BackUpAsync(before, "clusterrolebindings,rolebindings", "-A", "-l", "app.kubernetes.io/managed-by=tka");
        }

        // Ten minutes and more after the backup Bob's session is over.
        await using var after = await SessionWorld.StartAsync();
        after.Time.Advance(TimeSpan.FromMinutes(15));
        if (beforeThePolicies)
        {
            var policy = await after.Cluster.Admin.ReadValidatingAdmissionPolicyBindingAsync(Policy, cancellationToken: Cancel);
            await after.Cluster.Admin.DeleteValidatingAdmissionPolicyBindingAsync(Policy, cancellationToken: Cancel);
            await RestoreAsync(after, signins);
            policy.Metadata.ResourceVersion = null;
            await after.Cluster.Admin.CreateValidatingAdmissionPolicyBindingAsync(policy, cancellationToken: Cancel);
        }
        else
        {
            await RestoreAsync(after, signins, "only TKA's API may create a TkaSignin");
        }

        await RestoreAsync(after, accounts);
        await RestoreAsync(after, bindings);
        Assert.NotEmpty(await after.RemainsAsync(Bob));

        await using var restored = await OperatorUnderTest.StartAsync(after, Setup(dapr));

        await after.GoneAsync(Bob);
        if (beforeThePolicies)
        {
            var alice = await after.ReadyAsync(Alice);
            Assert.Equal(200, await after.TryPodsAsync((await restored.TokenAsync(alice)).Token));
            after.Time.Advance(TimeSpan.FromHours(2));
        }

        await after.GoneAsync(Alice);
        var history = await RecordedSessions.ReadAsync(after, restored, start, records => Of(records, Bob).All(record => record.Ended is not null) && Of(records, Alice).All(record => record.Ended is not null));
        Assert.All((string[])[Alice, Bob], person => Assert.NotEmpty(Of(history, person)));
    }

    private static IEnumerable<LedgerRecord> Of(IReadOnlyList<LedgerRecord> records, string person) => records.Where(record => record.Username == person);

    private async Task<string> BackUpAsync(SessionWorld world, string kinds, params string[] selection)
    {
        var file = Path.Combine(_directory.FullName, $"{kinds.Replace(',', '-')}.yaml");
        await File.WriteAllTextAsync(file, await Tool.RunAsync("kubectl", ["--kubeconfig", world.Cluster.AdminKubeconfigPath, "get", kinds, .. selection, "-o", "yaml"]), Cancel);
        return file;
    }

    private static async Task RestoreAsync(SessionWorld world, string file, string? refusal = null)
    {
        var (exitCode, _, error) = await Tool.TryAsync("kubectl", "--kubeconfig", world.Cluster.AdminKubeconfigPath, "apply", "-f", file);
        Assert.True(refusal is null ? exitCode == 0 : error.Contains(refusal, StringComparison.Ordinal), error);
    }

    private static OperatorSetup Setup(TestDapr dapr) => new()
    {
        Configuration = new() { ["DAPR_GRPC_ENDPOINT"] = dapr.GrpcEndpoint.ToString() },
    };
}
