using TKA.Cli.Client;
using TKA.Cli.Commands;
using TKA.Cli.Configuration;
using TKA.Cli.Errors;
using TKA.Cli.Terminal;
using TKA.Contracts.Kubeconfig;
using TKA.Contracts.Rest;

namespace TKA.Cli.Credentials;

/// <summary>Where <c>tka credential</c> gets a token from: the cache while the token is good and nothing says otherwise, else the server.</summary>
/// <param name="context">The run.</param>
/// <param name="server">The TKA server.</param>
/// <param name="request">Role of the session, and what to sign in with.</param>
/// <param name="autoLogin">Sign in when there is no session.</param>
internal sealed class TokenSource(CommandContext context, Uri server, LoginRequest request, bool autoLogin)
{
    private readonly TokenCache _cache = new(server.ToString(), context.Source?.ToString(), request.Role);

    /// <summary>A token for the process that asks.</summary>
    /// <exception cref="CliException">The server gives no token.</exception>
    public async Task<CachedToken> GetAsync(CancellationToken cancellationToken)
    {
        var caller = TokenCache.Caller();
        if (Good(caller) is not { } token)
        {
            var began = context.Clock.GetUtcNow();
            using var turn = await _cache.LockAsync(context.Clock, cancellationToken);

            // Another process may have asked while this one waited for its turn, with or without success.
            token = Good(caller)
                ?? (_cache.FailureSince(began) is { } failure ? throw failure : await AskAsync(cancellationToken));
        }

        _cache.Served(token, caller);
        return token;
    }

    private CachedToken? Good(string? caller)
    {
        var now = context.Clock.GetUtcNow();
        return _cache.Find(now) is { } token && !_cache.IsAskedAgain(token, caller, now) ? token : null;
    }

    private async Task<CachedToken> AskAsync(CancellationToken cancellationToken)
    {
        using var client = context.CreateClient(server);
        var cached = _cache.Find(context.Clock.GetUtcNow());
        if (cached is not null && !await new TokenRefusal(context, client).IsRefusedAsync(cached, request.Role, cancellationToken))
        {
            return cached;
        }

        try
        {
            return await FetchAsync(client, cancellationToken);
        }
        catch (CliException exception) when (exception.ExitCode == ExitCode.Unreachable)
        {
            _cache.Failed(exception);
            throw;
        }
        catch (CliException exception) when (exception.Code == ErrorCodes.NotSignedIn)
        {
            _cache.Drop();
            throw;
        }
    }

    private async Task<CachedToken> FetchAsync(TkaClient client, CancellationToken cancellationToken)
    {
        SessionResponse? session = null;
        var device = LocalDevice.Find(context.Configuration[ConfigKey.Socket]);
        if (await TryGetAsync(client, cancellationToken) is not { } credential)
        {
            if (!autoLogin)
            {
                throw StatusCommand.NotSignedIn(server, request.Role);
            }

            session = await client.LoginAsync(request, cancellationToken);
            credential = await client.GetTokenAsync(request.Role, cancellationToken);
        }

        if (credential.Status is not { } status)
        {
            throw new CliException(ErrorCodes.KubeconfigFromServer, ExitCode.Failure, "The server answered without a token.", ["Check that client and server are of the same version: tka version"]);
        }

        var now = context.Clock.GetUtcNow();
        if (status.ExpirationTimestamp <= now && client.ClockAhead is { } ahead && ahead < -TokenCache.Early)
        {
            throw new CliException(
                ErrorCodes.ClockSkew,
                ExitCode.Failure,
                $"A fresh token is over already by this machine's clock, which is {RemainingTime.Length(ahead.Duration())} ahead of the server's.",
                [$"Correct the clock: {ClockAdvice.Command}"]);
        }

        session ??= await WhoseAsync(client, cancellationToken);
        var token = new CachedToken(status.Token, status.ExpirationTimestamp - TokenCache.Early, now, session?.Username ?? "", session?.Until, device);
        _cache.Save(token);
        return token;
    }

    private async Task<ExecCredential?> TryGetAsync(TkaClient client, CancellationToken cancellationToken)
    {
        try
        {
            return await client.GetTokenAsync(request.Role, cancellationToken);
        }
        catch (CliException exception) when (exception.Code == ErrorCodes.NotSignedIn)
        {
            return null;
        }
    }

    // A token does not say whose it is. It is good without that knowledge too.
    private async Task<SessionResponse?> WhoseAsync(TkaClient client, CancellationToken cancellationToken)
    {
        try
        {
            return await client.GetLoginAsync(request.Role, cancellationToken);
        }
        catch (CliException)
        {
            return null;
        }
    }
}
