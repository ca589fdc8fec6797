using System.Text.Json.Nodes;
using k8s;
using k8s.Models;
using TKA.Contracts.Rest;
using TKA.Tests.Infrastructure;
using TKA.Tests.Orchestrator;
using Xunit;

namespace TKA.Tests.Web;

/// <summary>
/// The stack that the tests of pages share: starting one costs more than most of them do. Each test finds it without sessions. A
/// browser beside it takes processor time, so that limits meant for answers at once are longer.
/// </summary>
public sealed class PageStack : IAsyncDisposable
{
    /// <summary>
    /// The people of the tests and of the pictures: <c>127.0.0.1</c> alice, <c>.2</c> bob, <c>.3</c> carol (no grant), <c>.4</c> ci
    /// (tagged), <c>.6</c> dave (admin).
    /// </summary>
    public const string Policy = """
        {
          "tagOwners": {"tag:tka": [], "tag:ci": []},
          "grants": [
            {"src": ["alice@example.com"], "dst": ["tag:tka"], "app": {"specht-labs.de/cap/tka": [
              {"role": "view", "period": "8h", "priority": 100},
              {"role": "tka-edit", "period": "1h", "priority": 10, "namespaces": ["shop", "shop-staging"]}
            ]}},
            {"src": ["bob@example.com"], "dst": ["tag:tka"], "app": {"specht-labs.de/cap/tka": [{"role": "view", "period": "8h", "namespaces": ["team-a"]}]}},
            {"src": ["dave@example.com"], "dst": ["tag:tka"], "app": {"specht-labs.de/cap/tka": [{"role": "view", "period": "8h", "priority": 100, "admin": true}, {"role": "tka-admin", "period": "1h", "priority": 10}]}}
          ],
          "devices": {
            "127.0.0.1": {"name": "laptop-alice", "user": "alice@example.com", "displayName": "Alice Müller"},
            "127.0.0.2": {"name": "laptop-bob", "user": "bob@example.com", "displayName": "Bob Okafor"},
            "127.0.0.3": {"name": "laptop-carol", "user": "carol@example.com", "displayName": "Carol Diaz"},
            "127.0.0.4": {"name": "ci", "tags": ["tag:ci"]},
            "127.0.0.6": {"name": "laptop-dave", "user": "dave@example.com", "displayName": "Dave Lindqvist"}
          }
        }
        """;

    private static readonly string[] Namespaces = ["shop", "shop-staging", "team-a"];

    private TkaStack? _stack;
    private OrchestratorServer? _orchestrator;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <summary>The stack, with no session in it. The next call ends those that a test leaves.</summary>
    public async Task<TkaStack> GetAsync()
    {
        _stack ??= await StartAsync();
        if (await CountAsync(_stack) > 0)
        {
            foreach (var person in (string[])["127.0.0.1", "127.0.0.2", "127.0.0.6"])
            {
                using var http = TestTailnet.ClientFrom(person, _stack.ApiUri);
                using var answer = await http.PostAsync($"{ApiRoutes.Logout}?all=true", null, Cancel);
            }

            await Eventually.TrueAsync(async () => await CountAsync(_stack) == 0, "the sessions of the test before have ended");
        }

        return _stack;
    }

    /// <summary>An orchestrator with three clusters, for tests that do not change them.</summary>
    internal async Task<OrchestratorServer> GetOrchestratorAsync() => _orchestrator ??= await ClustersPageTests.StartAsync();

    public async ValueTask DisposeAsync()
    {
        if (_orchestrator is not null)
        {
            await _orchestrator.DisposeAsync();
        }

        if (_stack is not null)
        {
            await _stack.DisposeAsync();
        }
    }

    private static async Task<TkaStack> StartAsync()
    {
        var stack = await TkaStack.StartAsync(Cancel, new TkaStackOptions
        {
            Policy = Policy,
            Dapr = true,
            ApiSettings = new Dictionary<string, string?> { ["operator:clusterName"] = "prod-eu", ["tailscale:localApiTimeout"] = "00:00:30" },
        });

        // A session of a rule whose namespaces are missing is refused.
        foreach (var name in Namespaces)
        {
            await stack.Cluster.Admin.CoreV1.CreateNamespaceAsync(new V1Namespace { Metadata = new V1ObjectMeta { Name = name } }, cancellationToken: Cancel);
            stack.Cluster.DeleteAtEnd(() => stack.Cluster.Admin.CoreV1.DeleteNamespaceAsync(name));
        }

        return stack;
    }

    private static async Task<int> CountAsync(TkaStack stack) =>
        (await stack.Cluster.Admin.CustomObjects.ListNamespacedCustomObjectAsync<JsonObject>(
            "tka.specht-labs.de", "v1alpha1", stack.Installed.SessionsNamespace, "tkasignins", cancellationToken: Cancel))["items"]!.AsArray().Count;
}
