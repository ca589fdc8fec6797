using System.Net;
using TKA.Contracts.Rest;
using TKA.Tests.Infrastructure;
using Xunit;

namespace TKA.Tests.EndToEnd;

/// <summary>Two replicas of the API, one of them a process that is killed, as behind one Tailscale Service.</summary>
public sealed class ApiReplicaTests
{
    private const int People = 6;
    private const int Rounds = 6;
    private const int KilledAfter = 12;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Any_replica_answers_and_no_login_is_lost_when_one_is_killed_under_load()
    {
        await using var stack = await TkaStack.StartAsync(Cancel, new TkaStackOptions { Policy = Policy() });
        await using var killed = await ApiProcess.StartAsync(stack, Cancel);
        await SignInHereAndEndThereAsync(stack.ApiUri, killed.Uri);
        await SignInHereAndEndThereAsync(killed.Uri, stack.ApiUri);

        var done = 0;
        var retried = 0;
        var kill = new TaskCompletionSource();
        await Task.WhenAll(Enumerable.Range(0, People).Select(PersonAsync).Append(KillAsync()));

        TestContext.Current.TestOutputHelper?.WriteLine($"{done} logins, {retried} of them retried");
        Assert.Equal(People * Rounds, done);
        Assert.InRange(retried, 1, People * Rounds);

        async Task PersonAsync(int person)
        {
            using var first = ClientOf(person, killed.Uri);
            using var second = ClientOf(person, stack.ApiUri);
            for (var round = 0; round < Rounds; round++)
            {
                var survivorFirst = (person + round) % 2 == 0;
                try
                {
                    await SignInAsync(survivorFirst ? second : first);
                }
                catch (HttpRequestException)
                {
                    Interlocked.Increment(ref retried);
                    await SignInAsync(second);
                }

                if (Interlocked.Increment(ref done) == KilledAfter)
                {
                    kill.SetResult();
                }

                // What a replica that is gone has made, the other one knows.
                (await second.GetAsync(ApiRoutes.Kubeconfig, wait: 10)).Expect(200);
                (await second.LogoutAsync()).Expect(200);
            }
        }

        async Task KillAsync()
        {
            await kill.Task.WaitAsync(TimeSpan.FromSeconds(60), TimeProvider.System, Cancel);
            await killed.KillAsync();
        }
    }

    private static async Task SignInHereAndEndThereAsync(Uri here, Uri there)
    {
        using var one = ClientOf(0, here);
        using var other = ClientOf(0, there);
        (await one.LoginAsync()).Expect(202);
        (await other.GetAsync(ApiRoutes.Kubeconfig, wait: 10)).Expect(200);
        (await other.LogoutAsync()).Expect(200);
        await Eventually.TrueAsync(async () => (await one.GetAsync(ApiRoutes.Login, wait: null)).Status == HttpStatusCode.Unauthorized);
    }

    private static async Task SignInAsync(HttpClient api)
    {
        var login = await api.LoginAsync();
        Assert.True(login.Status is HttpStatusCode.Accepted or HttpStatusCode.OK, login.Body);
        (await api.GetAsync(ApiRoutes.Kubeconfig, wait: 20)).Expect(200);
    }

    private static HttpClient ClientOf(int person, Uri api) => TestTailnet.ClientFrom(Address(person), api);

    private static string Address(int person) => $"127.0.1.{person + 1}";

    private static string Policy() => Enumerable.Range(0, People)
        .Aggregate(new TestTailnetPolicy().Self("127.0.0.9"), (policy, person) => policy.Person(Address(person), $"person{person}@example.com", """[{"role":"view","period":"1h"}]"""))
        .ToString();
}
