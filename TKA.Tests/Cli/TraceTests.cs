using System.Diagnostics;
using Xunit;

namespace TKA.Tests.Cli;

/// <summary>A run of tka is one trace, its own or its caller's.</summary>
public sealed class TraceTests : FakeServerTests
{
    private const string Callers = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        Home.Environment.Remove("TRACEPARENT");
    }

    [Fact]
    public async Task All_requests_of_a_run_are_one_trace_and_the_next_run_is_another()
    {
        Assert.Equal(0, (await Home.RunAsync("login")).ExitCode);
        Assert.Equal(2, Server.TraceParents.Count);
        var login = Assert.Single(Server.TraceParents.Distinct());
        Assert.True(ActivityContext.TryParse(login, null, out var context), login);
        Assert.Equal(ActivityTraceFlags.Recorded, context.TraceFlags);

        Server.TraceParents.Clear();
        var status = await Home.RunAsync("status", "--debug");
        var next = Assert.Single(Server.TraceParents.Distinct());
        Assert.NotEqual(login[..35], next[..35]);
        Assert.Contains(next.Substring(3, 32), status.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(Callers, true)]
    [InlineData("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00", true)]
    [InlineData("", false)]
    [InlineData("not a context", false)]
    [InlineData("00-00000000000000000000000000000000-00f067aa0ba902b7-01", false)]
    [InlineData("00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01", false)]
    [InlineData("00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01", false)]
    [InlineData("ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", false)]
    public async Task A_callers_trace_is_continued_when_it_is_one(string variable, bool continued)
    {
        Home.Environment["TRACEPARENT"] = variable;

        await Home.RunAsync("status");

        var sent = Assert.Single(Server.TraceParents.Distinct());
        Assert.True(ActivityContext.TryParse(sent, null, out _), sent);
        Assert.Equal(continued, sent == variable);
    }
}
