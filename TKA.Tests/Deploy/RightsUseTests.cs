using System.Collections.Concurrent;
using k8s;
using k8s.Models;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using TKA.Contracts.Rest;
using TKA.Contracts.Sessions;
using TKA.Kubernetes.Client;
using TKA.Kubernetes.Sessions;
using TKA.Operator.Sessions;
using TKA.Tests.Infrastructure;
using Xunit;
using static TKA.Tests.Deploy.Manifests;

namespace TKA.Tests.Deploy;

/// <summary>S18: every right of <c>deploy/base/rbac</c> is used in a whole life of sessions, under exactly these rights.</summary>
public sealed class RightsUseTests
{
    // Rights that this life need not use, and what does.
    private static readonly Dictionary<string, string> Unused = new()
    {
        ["tka-api get tkasignins.tka.specht-labs.de"] = "a login whose write met a conflict reads again",
        ["tka-operator get tkasignins.tka.specht-labs.de"] = "asked before the remains of a session that vanished are revoked, and after a conflict",
        ["tka-operator patch events."] = "counts an Event that happens again",
        ["tka-guard get tkasignins.tka.specht-labs.de"] = "the API server demands it of whoever creates a policy with this kind of parameter",
        ["tka-guard list tkasignins.tka.specht-labs.de"] = "the same for the policy's binding",
        ["tka-operator get namespaces."] = "asked when rights in the sessions' namespace are gone: CleanEndTests deletes it",
    };

    private readonly ConcurrentDictionary<AuditHandler.Use, bool> _api = new();
    private readonly ConcurrentDictionary<AuditHandler.Use, bool> _operator = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_right_is_used_in_a_life_of_sessions()
    {
        await using var stack = await TkaStack.StartAsync(Cancel, new TkaStackOptions
        {
            Dapr = true,
            Policy = Policy(),
            ConfigureApi = builder => Audit(builder, _api),
            ConfigureOperator = builder => Audit(builder, _operator),
        });
        await LiveAsync(stack);

        var rights = Parse(await Rendering.ChartAsync("standard")).Where(role => Text(role, "kind") is "Role" or "ClusterRole")
            .SelectMany(role => RightsOf(role, stack.Installed)).ToArray();
        Assert.InRange(rights.Length, 30, 100);
        await Eventually.TrueAsync(() => Task.FromResult(Left().Length == 0), "every right is used", seen: () => string.Join('\n', Left()));

        string[] Left() => [.. rights.Where(right => !(right.Account == "tka-api" ? _api : _operator).Keys.Any(right.Covers)).Select(right => right.ToString()).Except(Unused.Keys)];
    }

    private async Task LiveAsync(TkaStack stack)
    {
        var admin = stack.Cluster.Admin;
        using var alice = stack.From("127.0.0.1");
        using var bob = stack.From("127.0.0.2");
        using var carol = stack.From("127.0.0.3");
        await carol.SignInAsync();
        await alice.SignInAsync();
        await bob.SignInAsync();
        (await alice.GetAsync(ApiRoutes.Kubeconfig, wait: 20)).Expect(200);

        // Renewed with another period.
        (await alice.LoginAsync("""{"period":"30m"}""")).Expect(202);

        // Put back what somebody else has changed.
        await RemoveClusterRoleBindingAsync(admin);
        await Eventually.TrueAsync(async () => (await admin.ListClusterRoleBindingAsync(labelSelector: "app.kubernetes.io/managed-by=tka", cancellationToken: Cancel)).Items.Count > 0);
        await admin.PatchNamespacedServiceAccountAsync(
            new V1Patch("""{"automountServiceAccountToken":true}""", V1Patch.PatchType.MergePatch), SessionNames.ForLogin("alice@example.com"), stack.Installed.SessionsNamespace, cancellationToken: Cancel);
        await Eventually.TrueAsync(async () => (await admin.ReadNamespacedServiceAccountAsync(
            SessionNames.ForLogin("alice@example.com"), stack.Installed.SessionsNamespace, cancellationToken: Cancel)).AutomountServiceAccountToken == false);

        // Ended while the ledger's store is away, which only the operator knows then.
        await stack.Dapr!.DownAsync();
        (await bob.LogoutAsync()).Expect(200);
        await bob.SignInAsync();
        (await alice.LogoutAsync()).Expect(200);

        // What an uninstallation does first, with the operator's rights.
        var options = new KubernetesClientOptions { Kubeconfig = await stack.Installed.KubeconfigForAsync("tka-operator", Cancel) };
        options.Handlers.Add(() => new AuditHandler(_operator));
        await EndSessionsCommand.RunAsync(
            new ResourceClient<TkaSignin>(new KubernetesTransport(options), ResourceTypes.TkaSignins, stack.Installed.SessionsNamespace), TextWriter.Null, TimeProvider.System, Cancel);
    }

    private static async Task RemoveClusterRoleBindingAsync(k8s.Kubernetes admin)
    {
        foreach (var binding in (await admin.ListClusterRoleBindingAsync(labelSelector: "app.kubernetes.io/managed-by=tka", cancellationToken: Cancel)).Items)
        {
            await admin.DeleteClusterRoleBindingAsync(binding.Metadata.Name, cancellationToken: Cancel);
        }
    }

    private static IEnumerable<Right> RightsOf(YamlDotNet.RepresentationModel.YamlNode role, InstalledTka tka) =>
        from rule in Text(role, "metadata", "name") is "tka-api" or "tka-operator" or "tka-guard" ? Nodes(role, "rules") : []
        from @group in Items(rule, "apiGroups")
        from resource in Items(rule, "resources")
        from verb in Items(rule, "verbs")
        from name in Items(rule, "resourceNames") is { Length: > 0 } names ? names : [""]
        let @namespace = Text(role, "metadata", "namespace")
        select new Right(Text(role, "metadata", "name")!, verb!, $"{resource}.{@group}", @namespace is null ? "" : @namespace + tka.Suffix, Here(name!, @namespace, tka));

    /// <summary>A name as this installation has it.</summary>
    private static string Here(string name, string? ns, InstalledTka tka) => name switch
    {
        "tka-system" => tka.SystemNamespace,
        "tka-leaving" or "tka-bindings" => tka.ClusterName(name),
        "tka-operator" when ns is null => tka.ClusterName(name),
        _ => name,
    };

    private static void Audit(WebApplicationBuilder builder, ConcurrentDictionary<AuditHandler.Use, bool> used) =>
        builder.Services.Configure<KubernetesClientOptions>(options => options.Handlers.Add(() => new AuditHandler(used)));

    private static string Policy() => new TestTailnetPolicy()
        .Self("127.0.0.9")
        .Person("127.0.0.1", "alice@example.com", """[{"role":"view","period":"1h"}]""")
        .Person("127.0.0.2", "bob@example.com", """[{"role":"tka-edit","period":"1h","namespaces":["default"]}]""")
        .Person("127.0.0.3", "carol@example.com", """[{"role":"tka-admin","period":"1h","namespaces":["default"]}]""")
        .ToString();

    private sealed record Right(string Account, string Verb, string Resource, string Namespace, string Name)
    {
        public bool Covers(AuditHandler.Use use) =>
            use.Verb == Verb && use.Resource == Resource && (Namespace.Length == 0 || use.Namespace == Namespace) && (Name.Length == 0 || use.Name == Name);

        public override string ToString() => $"{Account} {Verb} {Resource} {Name}".TrimEnd();
    }
}
