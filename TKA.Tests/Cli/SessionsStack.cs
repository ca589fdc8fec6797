using k8s;
using k8s.Models;
using TKA.Tests.Infrastructure;
using Xunit;

namespace TKA.Tests.Cli;

/// <summary>One stack for the tests of several sessions with the native binary and stock kubectl; each test has a person of its own.</summary>
[CollectionDefinition(Name)]
public sealed class SessionsStack : IAsyncLifetime, ICollectionFixture<SessionsStack>
{
    public const string Name = "sessions";

    /// <summary>Number of the person whose roles can be withdrawn.</summary>
    public const int Withdrawable = 9;

    /// <summary>Number of the person whose login name has a local part of 64 characters.</summary>
    public const int LongLocalPart = 8;

    /// <summary>Number of the person with <see cref="ManyRoles"/>.</summary>
    public const int Many = 7;

    /// <summary>Number of the person who may see and end everybody's sessions.</summary>
    public const int Admin = 12;

    /// <summary>Source address of the second device of person 1, which is granted view only.</summary>
    public const string Phone = "127.0.3.1";

    private const string View = """{"role":"view","period":"8h","priority":100}""";

    private const string AllRules = $$"""[{{View}},{"role":"tka-edit","period":"1h","priority":10,"namespaces":["default"]},{"role":"tka-admin","period":"1h","namespaces":["default"]}]""";

    private readonly string[] _extra = [.. Enumerable.Range(1, 6).Select(number => $"tka-test-{number}-{Guid.NewGuid():N}")];

    public TkaStack Stack { get; private set; } = null!;

    /// <summary>Nine roles, one more than a person can hold.</summary>
    public IReadOnlyList<string> ManyRoles => ["view", "tka-edit", "tka-admin", .. _extra];

    public async ValueTask InitializeAsync()
    {
        var allowed = ManyRoles.Select((role, index) => KeyValuePair.Create($"operator:allowedRoles:{index}", (string?)role));
        Stack = await TkaStack.StartAsync(Cancel, new TkaStackOptions
        {
            Policy = Policy(AllRules),
            ApiSettings = new Dictionary<string, string?> { ["api:grantRecheck"] = "1h" },
            OperatorSettings = new Dictionary<string, string?>(allowed) { ["operator:clusterWideRoles:0"] = "view" },
        });
        foreach (var role in _extra)
        {
            await Stack.Cluster.Admin.RbacAuthorizationV1.CreateClusterRoleAsync(
                new V1ClusterRole
                {
                    Metadata = new V1ObjectMeta { Name = role },
                    Rules = [new V1PolicyRule { ApiGroups = [""], Resources = ["pods"], Verbs = ["list"] }],
                },
                cancellationToken: Cancel);
            Stack.Cluster.DeleteAtEnd(() => Stack.Cluster.Admin.RbacAuthorizationV1.DeleteClusterRoleAsync(role));
            await BindableRoles.LetBindAsync(Stack.Installed, role, Cancel);
        }

        await BindableRoles.ListInPolicyAsync(Stack.Installed, _extra, Cancel);
    }

    public ValueTask DisposeAsync() => Stack.DisposeAsync();

    /// <summary>Withdraws all roles of <see cref="Withdrawable"/> but view, or gives them back.</summary>
    public Task WithdrawAsync(bool withdrawn) => Stack.Tailnet.SetPolicyAsync(Policy(withdrawn ? $"[{View}]" : AllRules), Cancel);

    /// <summary>The home directory of a person.</summary>
    internal CliHome Home(int person) => Home($"127.0.2.{person}");

    /// <summary>The home directory of the person at a device.</summary>
    internal CliHome Home(string source)
    {
        var home = new CliHome();
        home.Environment["TKA_SERVER"] = Stack.ApiUri.ToString();
        home.Environment["TKA_DEV_SOURCE"] = source;
        return home;
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private string Policy(string withdrawable)
    {
        var policy = new TestTailnetPolicy();
        for (var person = 1; person <= 12; person++)
        {
            var rules = person switch
            {
                Withdrawable => withdrawable,
                Many => $"[{View},{string.Join(',', ManyRoles.Skip(1).Select(role => $$"""{"role":"{{role}}","period":"1h","namespaces":["default"]}"""))}]",
                Admin => """[{"role":"view","period":"8h","admin":true}]""",
                _ => AllRules,
            };
            var login = person == LongLocalPart ? $"{new string('l', 64)}@example.com" : $"person{person}@example.com";
            if (person == 1)
            {
                policy.Person($"127.0.2.{person}", login).Grant("100.64.2.2", rules);
            }
            else
            {
                policy.Person($"127.0.2.{person}", login, rules);
            }
        }

        return policy.Person(Phone, "person1@example.com", name: "phone").Grant("100.64.3.2", $"[{View}]").ToString();
    }
}
