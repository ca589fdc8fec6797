using System.Buffers.Text;
using System.Collections.Concurrent;
using System.Text.Json;

namespace TKA.Tests.Operator.Infrastructure;

/// <summary>What the cluster answered to requests for tokens: for whom, when, for how long. The tokens themselves are not kept.</summary>
internal sealed class TokenBook(TimeProvider clock)
{
    private readonly ConcurrentQueue<IssuedToken> _issued = [];

    public IReadOnlyList<IssuedToken> Issued => [.. _issued];

    public static bool Concerns(string method, string path) =>
        method == "POST" && path.EndsWith("/token", StringComparison.Ordinal) && path.Contains("/serviceaccounts/tka-user-", StringComparison.Ordinal);

    /// <summary>Takes note of an answer.</summary>
    /// <param name="path">Of the request.</param>
    /// <param name="at">When the operator asked, by the test's clock.</param>
    /// <param name="answer">A TokenRequest with its status.</param>
    public void Take(string path, DateTimeOffset at, byte[] answer)
    {
        using var json = JsonDocument.Parse(answer);
        var token = json.RootElement.GetProperty("status").GetProperty("token").GetString()!;
        using var claims = JsonDocument.Parse(Base64Url.DecodeFromChars(token.Split('.')[1]));

        // Both are the cluster's real time, whatever the test's clock shows: only the difference means something here.
        var lifetime = TimeSpan.FromSeconds(claims.RootElement.GetProperty("exp").GetInt64() - claims.RootElement.GetProperty("iat").GetInt64());
        Take(new IssuedToken(path.Split('/')[^2], at, lifetime));
    }

    public void Take(IssuedToken issued) => _issued.Enqueue(issued);

    /// <summary>Takes note of what passes between an operator and its cluster when there is no proxy between them.</summary>
    public sealed class Recorder(TokenBook book) : DelegatingHandler
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var at = book.Now;
            var response = await base.SendAsync(request, cancellationToken);
            if (response.IsSuccessStatusCode && Concerns(request.Method.Method, request.RequestUri!.AbsolutePath))
            {
                await response.Content.LoadIntoBufferAsync(cancellationToken);
                book.Take(request.RequestUri.AbsolutePath, at, await response.Content.ReadAsByteArrayAsync(cancellationToken));
            }

            return response;
        }
    }

    private DateTimeOffset Now => clock.GetUtcNow();
}

/// <summary>A token that was issued.</summary>
/// <param name="Session">Name of the ServiceAccount, which is the session's.</param>
/// <param name="At">When, by the test's clock.</param>
/// <param name="Lifetime">From its <c>iat</c> to its <c>exp</c>.</param>
internal sealed record IssuedToken(string Session, DateTimeOffset At, TimeSpan Lifetime);
