using System.CommandLine;
using TKA.Cli.Credentials;
using TKA.Cli.Errors;
using TKA.Cli.Terminal;
using TKA.Contracts.Rest;

namespace TKA.Cli.Commands;

/// <summary><c>tka credential</c>: the exec credential plugin of kubectl and everything built on client-go.</summary>
internal sealed class CredentialCommand : CliCommand
{
    private readonly Option<string> _cluster = SessionOptions.ClusterOption();
    private readonly Option<string> _role = new("--role") { Description = "Role to sign in with, when signing in is allowed.", HelpName = "name" };
    private readonly Option<string> _period = new("--period") { Description = "Ask for a shorter session than granted, for example 2h.", HelpName = "duration" };
    private readonly Option<bool> _autoLogin = new("--auto-login") { Description = "Sign in again when the session is over." };

    public CredentialCommand()
        : base("credential", "Print a token for kubectl (exec credential plugin).")
    {
        Options.Add(_cluster);
        Options.Add(_role);
        Options.Add(_period);
        Options.Add(_autoLogin);
    }

    public override string Details =>
        "Prints an `ExecCredential` in the API version that `KUBERNETES_EXEC_INFO` asks for, and nothing else. `tka login --merge` writes a kubeconfig entry that calls it. Tokens are cached (`$XDG_CACHE_HOME/tka`, mode 0600) until a minute before they expire; of many calls at once only one asks the server. A process that asks again before its token is over does so because the cluster refused it (401): it gets a new one. It is known by its number and start, on Linux, macOS and Windows alike; behind a wrapper script nobody is known, and a token is used to its end.";

    // Called for every kubectl command: others tidy up.
    protected override bool Tidies => false;

    protected override async Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        try
        {
            var version = ExecCredentialWriter.RequestedVersion();
            var server = await context.ResolveServerAsync(context.Parse.GetValue(_cluster), cancellationToken);
            var cache = new TokenCache(server.ToString(), context.Source?.ToString(), context.Parse.GetValue(_role));
            var caller = TokenCache.Caller();
            var token = cache.Find(context.Clock.GetUtcNow(), caller);
            if (token is null)
            {
                var began = context.Clock.GetUtcNow();
                using var turn = await cache.LockAsync(context.Clock, cancellationToken);

                // Somebody else may have asked while this process waited for its turn, with or without success.
                token = cache.Find(context.Clock.GetUtcNow(), caller)
                    ?? (cache.FailureSince(began) is { } failure ? throw failure : await FetchAsync(context, server, cache, cancellationToken));
            }

            ExecCredentialWriter.Write(version, token);
            cache.Served(token, caller);
            return ExitCode.Success;
        }
        catch (CliException exception) when (!context.Debug && context.Console.Format == Output.OutputFormat.Table)
        {
            // kubectl shows standard exception as it is: one line that says what to do.
            CliConsole.ErrorLine($"tka: {exception.Message}{(exception.Advice.Count > 0 ? $" {exception.Advice[0]}" : "")}");
            return exception.ExitCode;
        }
    }

    private async Task<CachedToken> FetchAsync(CommandContext context, Uri server, TokenCache cache, CancellationToken cancellationToken)
    {
        try
        {
            return await AskAsync(context, server, cache, cancellationToken);
        }
        catch (CliException exception) when (exception.ExitCode == ExitCode.Unreachable)
        {
            cache.Failed(exception);
            throw;
        }
    }

    private async Task<CachedToken> AskAsync(CommandContext context, Uri server, TokenCache cache, CancellationToken cancellationToken)
    {
        using var client = context.CreateClient(server);
        var credential = await TryGetAsync();
        if (credential is null)
        {
            if (!context.Parse.GetValue(_autoLogin))
            {
                throw StatusCommand.NotSignedIn(server);
            }

            var request = new LoginRequest { Role = context.Parse.GetValue(_role), Period = context.Parse.GetValue(_period) };
            await client.LoginAsync(request, cancellationToken);
            credential = await client.GetTokenAsync(cancellationToken);
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

        return cache.Save(status.Token, status.ExpirationTimestamp - TokenCache.Early, now);

        async Task<Contracts.Kubeconfig.ExecCredential?> TryGetAsync()
        {
            try
            {
                return await client.GetTokenAsync(cancellationToken);
            }
            catch (CliException exception) when (exception.Code == ErrorCodes.NotSignedIn)
            {
                return null;
            }
        }
    }
}
