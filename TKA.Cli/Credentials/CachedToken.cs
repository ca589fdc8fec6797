using TKA.Cli.Client;

namespace TKA.Cli.Credentials;

/// <summary>A token in the cache.</summary>
/// <param name="Token">The token.</param>
/// <param name="Expires">When to stop using it, a minute before its real end.</param>
/// <param name="Issued">When it was fetched.</param>
/// <param name="User">Whose it is; empty in files of earlier versions, and when the server did not say.</param>
/// <param name="SessionUntil">End of its session at that time; null as for <paramref name="User"/>.</param>
/// <param name="Device">The device it was fetched on, and so for whom; null: unknown.</param>
internal sealed record CachedToken(string Token, DateTimeOffset Expires, DateTimeOffset Issued, string User, DateTimeOffset? SessionUntil, LocalDevice? Device)
{
    /// <summary>Tells it from other tokens without revealing it.</summary>
    public string Id { get; } = StableHash.Of(Token);
}
