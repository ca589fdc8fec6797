using TKA.DevEnvironment.Stack;
using TKA.Tests.Cli;
using Xunit;

namespace TKA.Tests.Stack;

/// <summary><c>--demo</c> where the API is not always at its best.</summary>
public sealed class DemoTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("tka-demo-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public async Task A_busy_API_is_asked_again_as_it_asks()
    {
        await using var server = await FakeTkaServer.StartAsync(TestContext.Current.CancellationToken);
        var refused = new Dictionary<string, int>();
        server.Intercept = async http =>
        {
            refused[http.Request.Path] = refused.GetValueOrDefault(http.Request.Path) + 1;
            if (refused[http.Request.Path] > 2)
            {
                return false;
            }

            http.Response.Headers.RetryAfter = "0";
            return await FakeTkaServer.ProblemAsync(http, refused[http.Request.Path] == 1 ? 503 : 429, "Busy.", []);
        };
        var output = new StringWriter();

        await Demo.RunAsync(
            new StackFiles(_directory),
            new StackAddresses(StackPorts.TryParse(string.Join(',', Enumerable.Repeat(server.Url.Port, 12)))!),
            output,
            TestContext.Current.CancellationToken);

        Assert.Contains("signed in as alice@example.com, role view", output.ToString(), StringComparison.Ordinal);
        Assert.Contains("signed out", output.ToString(), StringComparison.Ordinal);
        Assert.Null(server.Session);
    }
}
