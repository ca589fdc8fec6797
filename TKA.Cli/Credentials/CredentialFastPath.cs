using TKA.Cli.Configuration;

namespace TKA.Cli.Credentials;

/// <summary>
/// Answers <c>tka credential --server URL ...</c> from the cache without the command tree and the configuration: kubectl
/// calls it once per command. Whatever is not exactly the command line that <c>tka login --merge</c> writes, or not in the cache, is left to the command.
/// </summary>
internal static class CredentialFastPath
{
    /// <summary>Answers if it can.</summary>
    public static bool TryAnswer(ReadOnlySpan<string> args)
    {
        string? server = null, role = null;
        for (var i = 1; i < args.Length; i++)
        {
            switch (args[i])
            {
                case "--server" when i + 1 < args.Length:
                    server = args[++i];
                    break;
                case "--role" when i + 1 < args.Length:
                    role = args[++i];
                    break;
                case "--period" when i + 1 < args.Length:
                    i++;
                    break;
                case "--auto-login":
                    break;
                default:
                    return false;
            }
        }

        if (server is null || role is "" || !server.Contains("://", StringComparison.Ordinal))
        {
            return false;
        }

        try
        {
            var cache = new TokenCache(ServerAddress.Parse(server, 443, "").ToString(), Client.SourceAddress.FromEnvironment()?.ToString(), role);
            var caller = TokenCache.Caller();
            var now = TimeProvider.System.GetUtcNow();
            if (cache.Find(now) is not { } token || cache.IsAskedAgain(token, caller, now))
            {
                return false;
            }

            ExecCredentialWriter.Write(ExecCredentialWriter.RequestedVersion(), token);
            cache.Served(token, caller);
            return true;
        }
        catch (Errors.CliException)
        {
            // The command reports it properly.
            return false;
        }
    }
}
