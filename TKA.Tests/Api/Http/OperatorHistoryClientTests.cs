using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using TKA.Api.Configuration;
using TKA.Api.History;
using Xunit;

namespace TKA.Tests.Api.Http;

/// <summary>Whatever the operator answers, an admin's page has a sentence to show in place of the history.</summary>
public sealed class OperatorHistoryClientTests
{
    private const string OneSession = """
        {"items":[{"uid":"u","name":"n","username":"alice@example.com","grants":[{"role":"view","from":"2026-11-24T08:00:00Z","until":"2026-11-24T16:00:00Z"}]}],"continue":"1.u"}
        """;

    private static readonly HistoryQuery LastDay = new("", "", null, null, "");

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(200, "{}", "cannot be understood")]
    [InlineData(200, "<html>", "cannot be understood")]
    [InlineData(200, null, "does not answer")]
    [InlineData(302, "", "cannot read the history now")]
    [InlineData(400, """{"message":"Too many days.","advice":["Ask for fewer."]}""", "Too many days. Ask for fewer.")]
    [InlineData(400, "<html>", "cannot be understood")]
    [InlineData(401, "", "does not let this server read")]
    [InlineData(403, "", "operator.tokenService.historyReaders")]
    [InlineData(429, "", "Too many ask")]
    [InlineData(501, "", "keeps no history")]
    [InlineData(503, "", "cannot read the history now")]
    public async Task Any_answer_becomes_a_sentence(int status, string? body, string expected)
    {
        var answer = await AskAsync(LastDay, async context =>
        {
            context.Response.StatusCode = status;
            await context.Response.WriteAsync(body ?? new string(' ', 2_000_000), Cancel);
        });

        Assert.Null(answer.History);
        Assert.Contains(expected, answer.Problem, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_operator_that_hangs_is_waited_for_as_long_as_for_a_token_and_one_that_is_away_not_at_all()
    {
        var hangs = await AskAsync(LastDay, context => Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, context.RequestAborted), TimeSpan.FromMilliseconds(200));
        Assert.Contains("in time", hangs.Problem, StringComparison.Ordinal);

        using var away = Client("http://127.0.0.1:1", TimeSpan.FromSeconds(60), out var directory);
        Assert.Contains("does not answer", (await away.ReadAsync(LastDay, Cancel)).Problem, StringComparison.Ordinal);
        directory.Delete(recursive: true);
    }

    [Fact]
    public async Task What_is_asked_for_is_a_page_of_whole_days_and_the_bearer_is_this_server_s_own_token()
    {
        var (asked, bearer) = ("", "");
        var answer = await AskAsync(new HistoryQuery("alice+x@example.com", "view", new DateOnly(2026, 11, 23), new DateOnly(2026, 11, 24), "1.u"), async context =>
        {
            (asked, bearer) = (WebUtility.UrlDecode(context.Request.QueryString.Value)!, context.Request.Headers.Authorization.ToString());
            await context.Response.WriteAsync(OneSession, Cancel);
        });

        Assert.Equal("?limit=25&user=alice+x@example.com&role=view&from=2026-11-23&to=2026-11-24T23:59:59Z&continue=1.u", asked);
        Assert.Equal("Bearer x", bearer);
        Assert.Equal(("alice@example.com", "1.u"), (Assert.Single(answer.History!.Items).Username, answer.History.Continue));
    }

    private static async Task<HistoryAnswer> AskAsync(HistoryQuery query, RequestDelegate operatorAnswer, TimeSpan? timeout = null)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        await using var app = builder.Build();
        app.Urls.Add("http://127.0.0.1:0");
        app.Run(operatorAnswer);
        await app.StartAsync(Cancel);
        using var client = Client(app.Urls.First(), timeout ?? TimeSpan.FromSeconds(60), out var directory);
        var answer = await client.ReadAsync(query, Cancel);
        directory.Delete(recursive: true);
        return answer;
    }

    private static OperatorHistoryClient Client(string url, TimeSpan timeout, out DirectoryInfo directory)
    {
        directory = Directory.CreateTempSubdirectory("tka-test-");
        var token = Path.Combine(directory.FullName, "token");
        File.WriteAllText(token, "x");
        return new OperatorHistoryClient(
            Options.Create(new ClusterOptions { TokenService = { Url = url, TokenFile = token, CaFile = "", Timeout = timeout } }),
            Options.Create(new ApiOptions { SlowTimeout = TimeSpan.FromSeconds(60) }),
            NullLoggerFactory.Instance);
    }
}
