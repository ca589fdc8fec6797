using TKA.Cli.Client;
using TKA.Cli.Commands;
using TKA.Cli.Credentials;
using TKA.Cli.Errors;
using TKA.Cli.Kubeconfigs;
using TKA.Cli.Terminal;
using TKA.Contracts;
using TKA.Contracts.Rest;

namespace TKA.Cli.Sessions;

/// <summary>Signing in: one POST, then one GET that the server holds until access is ready.</summary>
internal static class SignIn
{
    private static readonly TimeSpan TolerableSkew = TimeSpan.FromMinutes(1);

    /// <summary>Signs in and fetches the kubeconfig.</summary>
    /// <exception cref="CliException">Refused, not ready in time, or not what was asked for.</exception>
    public static async Task<(SessionResponse Session, ServerKubeconfig Kubeconfig)> RunAsync(
        CommandContext context,
        TkaClient client,
        LoginRequest request,
        string? contextNamespace,
        CancellationToken cancellationToken)
    {
        var (session, kubeconfig) = await context.Console.WithProgressAsync($"Signing in at {client.Server.Authority}", async () =>
        {
            var session = await client.LoginAsync(request, cancellationToken);
            EnsureAsRequested(context, client, session, request);
            return (session, await client.GetKubeconfigAsync(RoleKey(session), cancellationToken));
        });
        WarnOfClockSkew(context, client);
        TokenCache.DropOthers(client.Server.ToString(), context.Source?.ToString(), session.Username);
        return (session, InNamespace(kubeconfig, session, contextNamespace));
    }

    /// <summary>What the server is asked with for a session: its role, or null for the base session and for servers with one session per person.</summary>
    public static string? RoleKey(SessionResponse session) => session.IsBase == false ? session.Role : null;

    /// <summary>The kubeconfig with the namespace asked for; a person whose role is bound in namespaces only starts in the first of them.</summary>
    public static ServerKubeconfig InNamespace(ServerKubeconfig kubeconfig, SessionResponse session, string? contextNamespace) => kubeconfig with
    {
        Namespace = contextNamespace ?? (kubeconfig.Namespace is "" && session.Namespaces is { Count: > 0 } bound ? bound[0] : kubeconfig.Namespace),
    };

    /// <summary>Warns when this machine's clock is off: token lifetimes would be wrong.</summary>
    public static void WarnOfClockSkew(CommandContext context, TkaClient client)
    {
        if (client.ClockAhead is { } ahead && ahead.Duration() > TolerableSkew)
        {
            context.Console.Warning($"the clock of this machine is {RemainingTime.Length(ahead.Duration())} {(ahead > TimeSpan.Zero ? "behind" : "ahead of")} the server's; correct it ({ClockAdvice.Command}), or tokens will seem expired or will be used too long.");
        }
    }

    // The Go TKA's server ignores what it does not know, and answers with the session it gives anyway.
    private static void EnsureAsRequested(CommandContext context, TkaClient client, SessionResponse session, LoginRequest request)
    {
        if (request.Role is { } role && session.Role != role)
        {
            throw Ignored("--role", $"the role {session.Role}, not {role}");
        }

        var granted = session.Until - context.Clock.GetUtcNow() - (client.ClockAhead ?? TimeSpan.Zero);
        if (request.Period is { } period && granted > GoDuration.Parse(period) + TolerableSkew)
        {
            throw Ignored("--period", $"a session of {RemainingTime.Length(granted)}, not of {period}");
        }

        CliException Ignored(string option, string given) => new(
            ErrorCodes.ServerTooOld,
            ExitCode.Failure,
            $"The server at {client.Server.Authority} does not know {option}: it gave {given}.",
            [$"Sign in without {option}, or ask whoever runs TKA for a server that knows it.", "tka logout ends the session it gave."]);
    }
}
