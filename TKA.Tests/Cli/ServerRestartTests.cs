using TKA.Cli;
using TKA.Cli.Errors;
using TKA.Contracts.Rest;
using TKA.Tests.Infrastructure;
using Xunit;

namespace TKA.Tests.Cli;

/// <summary>A server that goes away while a login waits for its access: its Pod is being replaced.</summary>
public sealed class ServerRestartTests : FakeServerTests
{
    [Fact]
    public async Task A_login_that_waits_goes_on_with_the_next_server()
    {
        var login = Home.RunAsync("login");
        await LoseServerAsync();
        var session = Server.Session;
        Server = await FakeTkaServer.StartAsync(TestContext.Current.CancellationToken, Server.Url.Port);
        Server.Session = session;

        var result = await login;

        Assert.True(result.ExitCode == 0, result.ToString());
        Assert.Equal([$"GET {ApiRoutes.Kubeconfig}"], Server.Requests);
    }

    [Fact]
    public async Task A_login_whose_server_stays_away_ends_with_its_timeout()
    {
        var login = Home.RunAsync("login", "--timeout", "5s", "-o", "json");
        await LoseServerAsync();

        var result = await login;

        Assert.Equal(ExitCode.Unreachable, result.ExitCode);
        Assert.Equal(ErrorCodes.ServerRefused, result.ErrorJson.GetProperty("code").GetString());
    }

    [Fact]
    public async Task A_server_that_never_answered_is_not_waited_for()
    {
        await Server.DisposeAsync();

        var result = await Home.RunAsync("credential", "--timeout", "5m", "-o", "json");

        Assert.Equal(ExitCode.Unreachable, result.ExitCode);
    }

    /// <summary>Breaks the connection on which the login waits, when nothing listens any more.</summary>
    private async Task LoseServerAsync()
    {
        var gone = new TaskCompletionSource();
        Server.Intercept = async http =>
        {
            if (http.Request.Path != ApiRoutes.Kubeconfig)
            {
                return false;
            }

            await gone.Task;
            http.Abort();
            return true;
        };
        await Eventually.TrueAsync(() => Server.Requests.Contains($"GET {ApiRoutes.Kubeconfig}"));
        var stopping = Server.DisposeAsync();
        gone.SetResult();
        await stopping;
    }
}
