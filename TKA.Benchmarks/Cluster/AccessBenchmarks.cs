using System.Globalization;
using System.Text.Json.Nodes;
using TKA.DevEnvironment.Cluster.Authentication;
using TKA.DevEnvironment.Cluster.Authorization;
using TKA.DevEnvironment.Cluster.Cel;
using TKA.DevEnvironment.Cluster.Http;
using TKA.DevEnvironment.Cluster.Storage;

namespace TKA.Benchmarks.Cluster;

/// <summary>What deciding about a request costs, in few sessions and in many.</summary>
internal static class AccessBenchmarks
{
    private const int Rounds = 200_000;

    /// <summary>Runs and prints.</summary>
    public static void Run()
    {
        // The first calls pay for compilation, which a server pays once.
        _ = (Authorization(10), BindingWrite(10));

        var (few, many) = (Authorization(10), Authorization(50_000));
        Print("authorize, 10 bindings", few, few);
        Print("authorize, 50,000 bindings", many, few);

        var (write10, write50000) = (BindingWrite(10), BindingWrite(50_000));
        Print("take a new binding in, 10 bindings", write10, write10);
        Print("take a new binding in, 50,000 bindings", write50000, write10);

        var (first, again) = Tokens();
        Print("check a token seen before", again, again);
        Print("check a token for the first time", first, again);

        var evaluate = Cel();
        Print("evaluate a CEL rule", evaluate, evaluate);
    }

    private static TimeSpan Authorization(int bindings)
    {
        var authorizer = new RbacAuthorizer(Policy(bindings));
        var request = new RequestInfo { IsResourceRequest = true, Verb = "get", Path = "", Resource = "pods", Namespace = "team-a", Name = "p" };
        var user = User(bindings / 2);
        return Measure(Rounds, () => authorizer.Authorize(user, request));
    }

    private static TimeSpan BindingWrite(int bindings)
    {
        var policy = Policy(bindings);
        var binding = StoredObject.Create(Binding(bindings), 1);
        return Measure(10_000, () =>
        {
            policy.Observe(new GroupResource(RbacPolicy.Group, "clusterrolebindings"), new ObjectEvent(1, ChangeType.Added, binding, null));
            policy.Observe(new GroupResource(RbacPolicy.Group, "clusterrolebindings"), new ObjectEvent(1, ChangeType.Deleted, binding, binding));
        });
    }

    private static (TimeSpan First, TimeSpan Again) Tokens()
    {
        var account = Parse("""{"metadata":{"namespace":"ns","name":"robot","uid":"u"}}""");
        var store = new ObjectStore(historyPerResource: 10);
        store.Create(new GroupResource("", "serviceaccounts"), (JsonObject)account.DeepClone());
        using var tokens = new ServiceAccountTokens(store, TimeProvider.System);
        var fresh = Enumerable.Range(0, 2000).Select(_ => tokens.Issue(account, ServiceAccountTokens.ServerAudiences, TimeSpan.FromHours(1)).Token).ToArray();
        var next = 0;
        var first = Measure(fresh.Length - 1, () => tokens.Check(fresh[next++], ServiceAccountTokens.ServerAudiences));
        return (first, Measure(20_000, () => tokens.Check(fresh[0], ServiceAccountTokens.ServerAudiences)));
    }

    private static TimeSpan Cel()
    {
        var rule = CelExpression.Compile("has(self.labels) && self.labels.all(k, self.labels[k].size() < 10) && duration(self.period) >= duration('10m')", new CelEnvironment(("self", CelType.Dyn)));
        var variables = new Dictionary<string, object?> { ["self"] = Parse("""{"labels":{"a":"b","c":"d"},"period":"8h0m0s"}""") };
        return Measure(20_000, () => rule.Evaluate(variables));
    }

    private static RbacPolicy Policy(int bindings)
    {
        var policy = new RbacPolicy();
        var role = Parse("""{"metadata":{"name":"view"},"rules":[{"verbs":["get"],"apiGroups":["apps"],"resources":["deployments"]},{"verbs":["get","list"],"apiGroups":[""],"resources":["pods"]}]}""");
        policy.Observe(new GroupResource(RbacPolicy.Group, "clusterroles"), new ObjectEvent(1, ChangeType.Added, StoredObject.Create(role, 1), null));
        for (var i = 0; i < bindings; i++)
        {
            policy.Observe(new GroupResource(RbacPolicy.Group, "clusterrolebindings"), new ObjectEvent(1, ChangeType.Added, StoredObject.Create(Binding(i), 1), null));
        }

        return policy;
    }

    private static JsonObject Binding(int number) => Parse(string.Create(CultureInfo.InvariantCulture, $$"""
        {"metadata":{"name":"b{{number}}"},"roleRef":{"kind":"ClusterRole","name":"view"},"subjects":[{"kind":"ServiceAccount","namespace":"ns","name":"s{{number}}"}]}
        """));

    private static UserInfo User(int number) => new(
        string.Create(CultureInfo.InvariantCulture, $"system:serviceaccount:ns:s{number}"), "", WellKnownUsers.ServiceAccountGroups("ns"), WellKnownUsers.NoExtra);

    private static JsonObject Parse(string json) => (JsonObject)JsonNode.Parse(json)!;

    private static TimeSpan Measure(int rounds, Action action)
    {
        action();
        var started = TimeProvider.System.GetTimestamp();
        for (var i = 0; i < rounds; i++)
        {
            action();
        }

        return TimeProvider.System.GetElapsedTime(started) / rounds;
    }

    private static void Print(string what, TimeSpan each, TimeSpan baseline) => Console.WriteLine(string.Create(
        CultureInfo.InvariantCulture, $"{what,-45} {each.TotalMicroseconds,9:0.00} µs   {each / baseline,6:0.0}x"));
}
