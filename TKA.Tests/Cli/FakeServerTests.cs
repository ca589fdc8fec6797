using Xunit;

namespace TKA.Tests.Cli;

/// <summary>What tests of <c>tka</c> against a <see cref="FakeTkaServer"/> have in common: a home directory whose server it is.</summary>
public abstract class FakeServerTests : IAsyncLifetime
{
    private protected CliHome Home { get; } = new();

    private protected FakeTkaServer Server { get; set; } = null!;

    public virtual async ValueTask InitializeAsync()
    {
        Server = await FakeTkaServer.StartAsync(TestContext.Current.CancellationToken);
        Home.Environment["TKA_SERVER"] = Server.Url.ToString();
    }

    public async ValueTask DisposeAsync()
    {
        await Server.DisposeAsync();
        Home.Dispose();
        GC.SuppressFinalize(this);
    }
}
