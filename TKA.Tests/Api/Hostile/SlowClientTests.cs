using TKA.Tests.Infrastructure;
using Xunit;

namespace TKA.Tests.Api.Hostile;

/// <summary>Slowloris and its kin.</summary>
[Collection(Alone.Name)]
public class SlowClientTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Clients_that_dribble_are_cut_off()
    {
        await using var stack = await TkaStack.StartAsync(Cancel, new TkaStackOptions
        {
            Operator = false,
            ApiSettings = new Dictionary<string, string?> { ["server:readHeaderTimeout"] = "1s", ["server:readTimeout"] = "2s" },
        });
        using var silent = await RawConnection.OpenAsync(stack.ApiUri, Cancel);
        using var headers = await RawConnection.OpenAsync(stack.ApiUri, Cancel);
        using var body = await RawConnection.OpenAsync(stack.ApiUri, Cancel);
        await headers.SendAsync("GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX: ");
        await body.SendAsync("POST /api/v1alpha1/login HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{");

        var answers = await Task.WhenAll(silent.ReadToEndAsync(), headers.ReadToEndAsync(), body.ReadToEndAsync());

        Assert.Empty(answers[0]);
        Assert.StartsWith("HTTP/1.1 408", answers[1], StringComparison.Ordinal);
        Assert.StartsWith("HTTP/1.1 408", answers[2], StringComparison.Ordinal);
    }
}
