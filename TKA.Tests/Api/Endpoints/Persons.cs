using TKA.Tests.Infrastructure;
using Xunit;

namespace TKA.Tests.Api.Endpoints;

/// <summary>People of the session tests; each test has one of its own, so that tests share a stack and nothing else.</summary>
public sealed class Persons : IAsyncLifetime
{
    public TkaStack Stack { get; private set; } = null!;

    /// <summary>Devices <c>127.0.1.1</c> to <c>.40</c>, of person1 to person40@example.com.</summary>
    public HttpClient Person(int number) => Stack.From($"127.0.1.{number}");

    public async ValueTask InitializeAsync()
    {
        var policy = new TestTailnetPolicy();
        for (var i = 1; i <= 40; i++)
        {
            policy.Person($"127.0.1.{i}", $"person{i}@example.com", """[{"role":"view","period":"8h","priority":10},{"role":"tka-edit","period":"1h","namespaces":["default"]}]""", name: $"laptop{i}");
        }

        policy
            .Person("127.0.2.1", "bob@example.com", """[{"role":"view","period":"8h","namespaces":["default"]}]""")
            .Person("127.0.2.2", "refused@example.com", """[{"role":"cluster-admin","period":"8h","priority":9},{"role":"edit","period":"8h"},{"role":"tka-admin","period":"8h"}]""")
            .Person("127.0.2.3", "same@a.example", """[{"role":"view","period":"8h"}]""")
            .Person("127.0.2.4", "same@b.example", """[{"role":"tka-edit","period":"8h","namespaces":["default"]}]""");
        Stack = await TkaStack.StartAsync(CancellationToken.None, new TkaStackOptions { Policy = policy.ToString() });
    }

    public ValueTask DisposeAsync() => Stack.DisposeAsync();
}
