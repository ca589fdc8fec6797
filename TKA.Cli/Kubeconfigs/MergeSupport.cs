using TKA.Cli.Client;
using TKA.Cli.Errors;

namespace TKA.Cli.Kubeconfigs;

/// <summary>Whether a server can serve the tokens that a merged context asks for.</summary>
internal static class MergeSupport
{
    /// <summary>Asks a server that showed itself to be of another kind, before a context is written that could never work.</summary>
    /// <exception cref="CliException">The server has no tokens for <c>tka credential</c>.</exception>
    public static async Task EnsureAsync(TkaClient client, string? role, CancellationToken cancellationToken)
    {
        if (client.KnowsWaiting)
        {
            return;
        }

        try
        {
            await client.GetTokenAsync(role, cancellationToken);
        }
        catch (CliException exception) when (exception.Status is 404 or 405)
        {
            throw new CliException(
                ErrorCodes.ServerTooOld,
                ExitCode.Failure,
                $"The server at {client.Server.Authority} has no tokens for tka credential, so a merged context could not work there.",
                ["Sign in without --merge, or ask whoever runs TKA for a server that has them. Your kubeconfig was not changed.", "tka logout ends the session it gave."],
                exception);
        }
    }
}
