using System.Net;
using System.Text.Json;
using k8s;
using Microsoft.Extensions.DependencyInjection;
using TKA.Contracts;
using TKA.Contracts.Operator;
using TKA.Contracts.Rest;
using TKA.Kubernetes.Sessions;
using TKA.Operator.Tokens;
using TKA.Operator.Tokens.Certificates;
using TKA.Tests.Infrastructure;
using TKA.Tests.Operator.Infrastructure;
using Xunit;

namespace TKA.Tests.Operator;

public sealed class TokenServiceTests(ITestOutputHelper output)
{
    private const string Alice = "alice@example.com";

    [Fact]
    public async Task Only_the_API_gets_tokens_and_everybody_else_is_told_why_not()
    {
        await using var world = await SessionWorld.StartAsync();
        await using var tested = await OperatorUnderTest.StartAsync(world, new OperatorSetup { Output = output });
        await world.LoginAsync(Alice);
        var signin = await world.ReadyAsync(Alice);

        await AnswersAsync(HttpStatusCode.Unauthorized, bearer: "");
        await AnswersAsync(HttpStatusCode.Unauthorized, bearer: "rubbish");
        await AnswersAsync(HttpStatusCode.Unauthorized, bearer: "a.b.c");
        await AnswersAsync(HttpStatusCode.Unauthorized, bearer: await tested.AudienceTokenAsync("tka-api", "somebody-else"));
        await AnswersAsync(HttpStatusCode.Unauthorized, bearer: Tampered(await tested.AudienceTokenAsync("tka-api")));
        await AnswersAsync(HttpStatusCode.Forbidden, bearer: await tested.AudienceTokenAsync("tka-operator"));
        await AnswersAsync(HttpStatusCode.OK, bearer: null);

        // A person's own token is for the Kubernetes API and nothing else.
        await AnswersAsync(HttpStatusCode.Unauthorized, bearer: (await tested.TokenAsync(signin)).Token);

        async Task AnswersAsync(HttpStatusCode expected, string? bearer)
        {
            using var response = await tested.RequestTokenAsync(signin, bearer: bearer);
            Assert.Equal(expected, response.StatusCode);
            if (expected != HttpStatusCode.OK)
            {
                Assert.Equal(Problem.MediaType, response.Content.Headers.ContentType?.MediaType);
                var problem = JsonSerializer.Deserialize(
                    await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), ContractsJsonContext.Default.Problem)!;
                Assert.Equal((int)expected, problem.Status);
                Assert.NotEmpty(problem.Advice);
            }
            else
            {
                Assert.True(response.Headers.CacheControl?.NoStore);
            }
        }
    }

    [Fact]
    public async Task A_token_is_for_exactly_the_session_that_is_meant()
    {
        await using var world = await SessionWorld.StartAsync();
        await using var tested = await OperatorUnderTest.StartAsync(
            world, new OperatorSetup { Configuration = new() { ["operator:tokenService:readyWait"] = "00:00:00.1" } });
        await world.LoginAsync(Alice);
        var signin = await world.ReadyAsync(Alice);

        var unknown = new TkaSignin { Metadata = new() { Name = "tka-user-nobody-00000000", Uid = "x" } };
        using var nobody = await tested.RequestTokenAsync(unknown);
        Assert.Equal(HttpStatusCode.NotFound, nobody.StatusCode);

        var earlier = new TkaSignin { Metadata = new() { Name = signin.Metadata.Name, Uid = "of-an-earlier-session" }, Spec = signin.Spec };
        using var replaced = await tested.RequestTokenAsync(earlier);
        Assert.Equal(HttpStatusCode.NotFound, replaced.StatusCode);

        using var other = await tested.RequestTokenAsync(signin, username: "mallory@example.com");
        Assert.Equal(HttpStatusCode.NotFound, other.StatusCode);
    }

    [Fact]
    public async Task A_request_that_comes_a_moment_early_waits_and_one_that_waits_in_vain_may_come_again()
    {
        await using var world = await SessionWorld.StartAsync();
        await using var proxy = await FaultProxy.StartAsync(world);
        await using var tested = await OperatorUnderTest.StartAsync(
            world, new OperatorSetup { Proxy = proxy, Configuration = new() { ["operator:tokenService:readyWait"] = "00:00:01" } });

        // Asked for right after the create, before the operator can have done anything.
        var signin = await world.LoginAsync(Alice);
        Assert.NotEmpty((await tested.TokenAsync(signin)).Token);

        proxy.Rule = request => request.Method == "POST" && request.Path.EndsWith("/clusterrolebindings", StringComparison.Ordinal)
            ? new Fault { Status = 503, Reason = "ServiceUnavailable" }
            : null;
        var stuck = await world.LoginAsync("bob@example.com");
        using var notReady = await tested.RequestTokenAsync(stuck);
        Assert.Equal(HttpStatusCode.Conflict, notReady.StatusCode);
        Assert.NotNull(notReady.Headers.RetryAfter?.Delta);
    }

    [Fact]
    public async Task Too_many_tokens_for_one_session_are_refused_for_a_while()
    {
        await using var world = await SessionWorld.StartAsync();
        await using var tested = await OperatorUnderTest.StartAsync(
            world, new OperatorSetup { Configuration = new() { ["operator:tokenService:burst"] = "3" } });
        await world.LoginAsync(Alice);
        await world.LoginAsync("bob@example.com");
        var signin = await world.ReadyAsync(Alice);
        var bob = await world.ReadyAsync("bob@example.com");
        for (var i = 0; i < 3; i++)
        {
            await tested.TokenAsync(signin);
        }

        using var refused = await tested.RequestTokenAsync(signin);
        Assert.Equal(HttpStatusCode.TooManyRequests, refused.StatusCode);
        Assert.NotNull(refused.Headers.RetryAfter?.Delta);
        await tested.TokenAsync(bob);
    }

    /// <summary>Every exec plugin asks at once after a restart: the caller is the same, so one review serves all, and none is refused.</summary>
    [Fact]
    public async Task Many_requests_of_one_new_caller_cost_one_review()
    {
        await using var world = await SessionWorld.StartAsync();
        await using var proxy = await FaultProxy.StartAsync(world);
        await using var tested = await OperatorUnderTest.StartAsync(
            world, new OperatorSetup { Proxy = proxy, Configuration = new() { ["operator:tokenService:burst"] = "100" } });
        await world.LoginAsync(Alice);
        var signin = await world.ReadyAsync(Alice);
        var bearer = await tested.AudienceTokenAsync("tka-api");
        proxy.Rule = request => IsReview(request) ? new Fault { Delay = TimeSpan.FromSeconds(2) } : null;

        var answers = await Task.WhenAll(Enumerable.Range(0, 60).Select(_ => tested.RequestTokenAsync(signin, bearer: bearer)));

        Assert.All(answers, answer => Assert.Equal(HttpStatusCode.OK, answer.StatusCode));
        Assert.Equal(1, proxy.Log.Count(IsReview));
        foreach (var answer in answers)
        {
            answer.Dispose();
        }

        static bool IsReview(ProxiedRequest request) => request.Path.EndsWith("/tokenreviews", StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_callers_token_is_believed_for_a_minute_and_never_past_its_own_end()
    {
        await using var world = await SessionWorld.StartAsync();
        await using var proxy = await FaultProxy.StartAsync(world);
        await using var tested = await OperatorUnderTest.StartAsync(world, new OperatorSetup { Proxy = proxy });
        await world.LoginAsync(Alice, period: "2h");
        var signin = await world.ReadyAsync(Alice);
        var bearer = await tested.AudienceTokenAsync("tka-api");
        await AskAsync(expectedReviews: 1);
        await AskAsync(expectedReviews: 1);
        world.Time.Advance(TimeSpan.FromSeconds(61));
        await AskAsync(expectedReviews: 2);

        // The token lives an hour. Half a minute before its end it is believed for no longer than that.
        world.Time.Advance(TimeSpan.FromMinutes(58.5));
        await AskAsync(expectedReviews: 3);
        world.Time.Advance(TimeSpan.FromSeconds(45));
        await AskAsync(expectedReviews: 4);

        async Task AskAsync(int expectedReviews)
        {
            // The cluster's own clock is real, so it goes on accepting the token.
            using var response = await tested.RequestTokenAsync(signin, bearer: bearer);
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
            Assert.Equal(expectedReviews, proxy.Log.Count(request => request.Path.EndsWith("/tokenreviews", StringComparison.Ordinal)));
        }
    }

    [Fact]
    public async Task Rubbish_from_elsewhere_does_not_keep_the_API_from_its_tokens()
    {
        await using var world = await SessionWorld.StartAsync();
        await using var proxy = await FaultProxy.StartAsync(world);
        await using var tested = await OperatorUnderTest.StartAsync(world, new OperatorSetup { Proxy = proxy });
        await world.LoginAsync(Alice);
        var signin = await world.ReadyAsync(Alice);
        await tested.TokenAsync(signin);

        // Claims to be for the operator, so that only the cluster can tell that it is not.
        var forged = $"e30.{System.Buffers.Text.Base64Url.EncodeToString("""{"aud":["tka-operator"],"sub":"system:serviceaccount:tka-system:tka-api"}"""u8)}.AAAA";
        var handler = TestTailnet.HandlerFrom("127.0.0.2");
        handler.SslOptions.RemoteCertificateValidationCallback = (_, _, _, _) => true;
        using var elsewhere = new HttpClient(handler) { BaseAddress = tested.App.Services.GetRequiredService<TokenServiceListener>().Uri };
        elsewhere.DefaultRequestHeaders.Authorization = new("Bearer", forged);
        var path = OperatorRoutes.ForSession(signin.Metadata.Name);
        var refused = 0;
        for (var i = 0; i < 300 && refused < 20; i++)
        {
            using var answer = await elsewhere.PostAsync(path, null, TestContext.Current.CancellationToken);
            refused += answer.StatusCode == HttpStatusCode.TooManyRequests ? 1 : 0;
        }

        Assert.Equal(20, refused);
        Assert.InRange(proxy.Log.Count(request => request.Path.EndsWith("/tokenreviews", StringComparison.Ordinal)), 1, 200);
        world.Time.Advance(TimeSpan.FromSeconds(61));
        await tested.TokenAsync(signin);
    }

    [Fact]
    public async Task A_spoilt_certificate_is_made_anew()
    {
        await using var world = await SessionWorld.StartAsync();
        var secret = await world.Cluster.Admin.CoreV1.ReadNamespacedSecretAsync(
            CertificateManager.SecretName, world.Tka.SystemNamespace, cancellationToken: TestContext.Current.CancellationToken);
        secret.Data = new[] { "ca.crt", "ca.key", "tls.crt", "tls.key" }.ToDictionary(name => name, _ => "rubbish"u8.ToArray());
        await world.Cluster.Admin.CoreV1.ReplaceNamespacedSecretAsync(
            secret, CertificateManager.SecretName, world.Tka.SystemNamespace, cancellationToken: TestContext.Current.CancellationToken);

        await using var tested = await OperatorUnderTest.StartAsync(world, new OperatorSetup { Output = output });
        await world.LoginAsync(Alice);

        Assert.NotEmpty((await tested.TokenAsync(await world.ReadyAsync(Alice))).Token);
    }

    [Fact]
    public async Task All_replicas_show_certificates_of_one_CA_and_it_survives_a_restart()
    {
        await using var world = await SessionWorld.StartAsync();
        await using var one = await OperatorUnderTest.StartWithoutWaitingAsync(world);
        await using var other = await OperatorUnderTest.StartWithoutWaitingAsync(world);
        await world.LoginAsync(Alice);
        var signin = await world.ReadyAsync(Alice);

        // The one that does not lead issues tokens as well.
        Assert.NotEmpty((await one.TokenAsync(signin)).Token);
        Assert.NotEmpty((await other.TokenAsync(signin)).Token);
        Assert.NotEqual(one.Leadership.IsLeading, other.Leadership.IsLeading);
    }

    [Fact]
    public void A_renewed_certificate_is_of_the_same_CA()
    {
        var now = TimeProvider.System.GetUtcNow();
        var first = CertificateAuthority.Create(["tka-operator", "127.0.0.1"], now);
        var second = CertificateAuthority.Renew(first, ["tka-operator", "127.0.0.1"], now.AddDays(70));

        Assert.Equal(first.CaCertificate, second.CaCertificate);
        Assert.NotEqual(first.Certificate, second.Certificate);
        using var certificate = System.Security.Cryptography.X509Certificates.X509Certificate2.CreateFromPem(second.Certificate);
        Assert.True(certificate.MatchesHostname("tka-operator"));
        Assert.True(certificate.NotAfter > now.AddDays(150).UtcDateTime);
    }

    [Fact]
    public async Task No_log_line_holds_a_token()
    {
        await using var world = await SessionWorld.StartAsync();
        var lines = new CollectingOutput();
        await using var tested = await OperatorUnderTest.StartAsync(world, new OperatorSetup { Output = lines });
        await world.LoginAsync(Alice);
        var bearer = await tested.AudienceTokenAsync("tka-api");
        using var response = await tested.RequestTokenAsync(await world.ReadyAsync(Alice), bearer: bearer);
        using var refused = await tested.RequestTokenAsync(await world.ReadyAsync(Alice), bearer: Tampered(bearer));
        var issued = JsonSerializer.Deserialize(
            await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), ContractsJsonContext.Default.SessionToken)!;

        Assert.Contains("issued for session", lines.Text, StringComparison.Ordinal);
        foreach (var secret in new[] { issued.Token, bearer, issued.Token.Split('.')[1], bearer.Split('.')[1] })
        {
            Assert.DoesNotContain(secret, lines.Text, StringComparison.Ordinal);
        }
    }

    private static string Tampered(string token) => token[..^4] + (token[^4] == 'A' ? 'B' : 'A') + token[^3..];
}
