using System.Reflection;
using System.Text.RegularExpressions;
using TKA.Cli.Errors;
using TKA.Contracts.Rest;
using Xunit;

namespace TKA.Tests.Cli;

/// <summary>Every error a user can meet: produced, with its exit code, what to do, and its row in the documentation.</summary>
public sealed partial class ErrorTests
{
    private static readonly string Document = File.ReadAllText(Path.Combine(CliBinary.RepositoryRoot, "docs", "troubleshooting.md"));

    public static TheoryData<string> Codes => [.. typeof(ErrorCodes).GetFields(BindingFlags.Static | BindingFlags.Public).Select(constant => (string)constant.GetRawConstantValue()!)];

    [Theory]
    [MemberData(nameof(Codes))]
    public async Task Is_reported_with_its_code_and_advice(string code)
    {
        var expected = ErrorCatalogue.Cases[code];
        using var home = new CliHome();
        await using var server = await FakeTkaServer.StartAsync(TestContext.Current.CancellationToken);
        home.Environment["TKA_SERVER"] = server.Url.ToString();

        var result = await expected.Run(new ErrorScene(home, server));

        Assert.True(expected.ExitCode == result.ExitCode, result.ToString());
        Assert.Equal("", result.Output);
        Assert.Equal(code, result.ErrorJson.GetProperty("code").GetString());
        Assert.Equal(expected.ExitCode, result.ErrorJson.GetProperty("exit_code").GetInt32());
        Assert.NotEqual("", result.ErrorJson.GetProperty("message").GetString());
        Assert.NotEqual(0, result.ErrorJson.GetProperty("advice").GetArrayLength());
        Assert.DoesNotContain("   at ", result.Error, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Codes))]
    public void Is_documented_with_its_exit_code(string code)
    {
        var row = Row().Matches(Document).SingleOrDefault(match => match.Groups["code"].Value == code);
        Assert.True(row is not null, $"docs/troubleshooting.md has no row for {code}.");
        Assert.Equal(ErrorCatalogue.Cases[code].ExitCode, int.Parse(row.Groups["exit"].Value, System.Globalization.CultureInfo.InvariantCulture));
    }

    [Fact]
    public void Nothing_else_is_documented() =>
        Assert.Equal(Codes.Select(row => row.Data).Order(), Row().Matches(Document).Select(match => match.Groups["code"].Value).Order());

    [Fact]
    public async Task A_problem_of_the_server_is_shown_with_advice_cause_and_trace_id()
    {
        using var home = new CliHome();
        await using var server = await FakeTkaServer.StartAsync(TestContext.Current.CancellationToken);
        home.Environment["TKA_SERVER"] = server.Url.ToString();
        server.Intercept = http => FakeTkaServer.ProblemAsync(http, 403, "No rule grants you anything.", ["Ask carol@example.com."], cause: new Problem { Message = "The policy has no grant." });

        var text = await home.RunAsync("login");
        Assert.Equal(4, text.ExitCode);
        Assert.Equal("", text.Output);
        Assert.Equal(
            "Error: No rule grants you anything.\n  because: The policy has no grant.\n  -> Ask carol@example.com.\n  trace id: 0af7651916cd43dd8448eb211c80319c\n",
            text.Error);

        var json = await home.RunAsync("login", "-o", "json");
        Assert.Equal("0af7651916cd43dd8448eb211c80319c", json.ErrorJson.GetProperty("traceId").GetString());
        Assert.Equal(403, json.ErrorJson.GetProperty("status").GetInt32());
        Assert.Equal("The policy has no grant.", json.ErrorJson.GetProperty("cause").GetProperty("message").GetString());
    }

    [Fact]
    public async Task A_busy_server_is_asked_again_as_it_asks()
    {
        using var home = new CliHome();
        await using var server = await FakeTkaServer.StartAsync(TestContext.Current.CancellationToken);
        home.Environment["TKA_SERVER"] = server.Url.ToString();
        var refused = 0;
        server.Intercept = async http =>
        {
            if (refused++ >= 2)
            {
                return false;
            }

            http.Response.Headers.RetryAfter = "0";
            return await FakeTkaServer.ProblemAsync(http, refused == 1 ? 429 : 503, "Busy.", []);
        };

        Assert.Equal(0, (await home.RunAsync("login")).ExitCode);
    }

    [GeneratedRegex(@"^\| `(?<code>[a-z-]+)` \| (?<exit>\d+) \|", RegexOptions.Multiline)]
    private static partial Regex Row();
}
