using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using k8s.Models;
using Xunit;

namespace TKA.Tests.Deploy;

/// <summary>
/// Every verb on every resource and subresource that the cluster serves, asked for each of TKA's ServiceAccounts: what is allowed is what
/// <see cref="RightsTableTests"/> lists. A right that the manifests do not show fails the test, and so does a right to a kind that a new
/// version of Kubernetes serves.
/// </summary>
public sealed class DiscoveredRightsTests(InstalledCluster installed) : IClassFixture<InstalledCluster>
{
    // Verbs that discovery does not tell of.
    private static readonly string[] Special = ["bind", "escalate", "impersonate", "approve", "sign", "attest", "use"];

    // ClusterRole system:basic-user gives these to every authenticated client.
    private static readonly string[] OfEverybody =
    [
        "create selfsubjectaccessreviews.authorization.k8s.io",
        "create selfsubjectrulesreviews.authorization.k8s.io",
        "create selfsubjectreviews.authentication.k8s.io",
    ];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("tka-api")]
    [InlineData("tka-operator")]
    [InlineData("tka-auditor")]
    [InlineData("tka-guard")]
    public async Task Nothing_is_allowed_but_what_the_list_says(string account)
    {
        var resources = await DiscoverAsync();
        Assert.InRange(resources.Count, 40, 2_000);
        ConcurrentBag<string> allowed = [];
        await Parallel.ForEachAsync(
            Questions(resources).Distinct(),
            new ParallelOptions { MaxDegreeOfParallelism = 8, CancellationToken = Cancel },
            async (question, _) =>
            {
                if (await installed.IsAllowedAsync(account, question.Request))
                {
                    allowed.Add(question.ToString());
                }
            });

        // Rights on named objects are not among them: what has no name is not asked for.
        var expected = Listed(account)
            .Concat(OfEverybody.Select(right => (Namespace: "", Right: right)))
            .SelectMany(listed => Questions(resources).Select(question => question.ToString()).Where(question => question == $"{listed.Right} in {listed.Namespace}" || (listed.Namespace.Length == 0 && question.StartsWith($"{listed.Right} in ", StringComparison.Ordinal))))
            .Distinct();
        Assert.Equal(expected.Order(StringComparer.Ordinal), allowed.Order(StringComparer.Ordinal));
    }

    private IEnumerable<Question> Questions(IReadOnlyCollection<ServedResource> resources) =>
        from resource in resources
        from verb in resource.Verbs.Union(Special)
        from ns in resource.Namespaced ? (string[])["", installed.Tka.SessionsNamespace, installed.Tka.SystemNamespace, "default"] : [""]
        select new Question(verb, resource.Group, resource.Name, ns);

    /// <summary>The rights of the list that are for all objects of a kind, one verb each, and their namespace; empty: the whole cluster.</summary>
    private IEnumerable<(string Namespace, string Right)> Listed(string account) =>
        from row in RightsTableTests.Rights.Select(row => row.Split(' '))
        where row[0] == account && row.Length == 4
        from verb in row[2].Split(',')
        let ns = row[1].Trim('(', ')')
        select (ns.Length == 0 ? "" : ns + installed.Tka.Suffix, $"{verb} {row[3]}");

    private async Task<IReadOnlyCollection<ServedResource>> DiscoverAsync()
    {
        List<ServedResource> served = [.. Read("", await GetAsync("/api/v1"))];
        foreach (var group in (await GetAsync("/apis"))["groups"]!.AsArray())
        {
            foreach (var version in group!["versions"]!.AsArray())
            {
                served.AddRange(Read((string)group["name"]!, await GetAsync($"/apis/{version!["groupVersion"]}")));
            }
        }

        return served;
    }

    private static IEnumerable<ServedResource> Read(string group, JsonNode list) =>
        list["resources"]!.AsArray().Select(resource => new ServedResource(
            group, (string)resource!["name"]!, (bool)resource["namespaced"]!, [.. resource["verbs"]!.AsArray().Select(verb => (string)verb!)]));

    private async Task<JsonNode> GetAsync(string path)
    {
        var admin = installed.Cluster.Admin;
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(new Uri(installed.Cluster.Configuration.Host), path));
        if (admin.Credentials is { } credentials)
        {
            await credentials.ProcessHttpRequestAsync(request, Cancel);
        }

        using var response = await admin.HttpClient.SendAsync(request, Cancel);
        response.EnsureSuccessStatusCode();
        return JsonNode.Parse(await response.Content.ReadAsStringAsync(Cancel))!;
    }

    private sealed record ServedResource(string Group, string Name, bool Namespaced, string[] Verbs);

    private sealed record Question(string Verb, string Group, string Resource, string Namespace)
    {
        public V1ResourceAttributes Request => new()
        {
            Verb = Verb,
            Group = Group,
            Resource = Resource.Split('/')[0],
            Subresource = Resource.Split('/').ElementAtOrDefault(1),
            NamespaceProperty = Namespace,
        };

        public override string ToString() => $"{Verb} {Resource}.{Group} in {Namespace}";
    }
}
