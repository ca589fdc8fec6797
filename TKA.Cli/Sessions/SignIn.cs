using TKA.Cli.Client;
using TKA.Cli.Commands;
using TKA.Cli.Kubeconfigs;
using TKA.Cli.Terminal;
using TKA.Contracts.Rest;

namespace TKA.Cli.Sessions;

/// <summary>Signing in: one POST, then one GET that the server holds until access is ready.</summary>
internal static class SignIn
{
    private static readonly TimeSpan TolerableSkew = TimeSpan.FromMinutes(1);

    /// <summary>Signs in and fetches the kubeconfig.</summary>
    public static async Task<(SessionResponse Session, ServerKubeconfig Kubeconfig)> RunAsync(
        CommandContext context,
        TkaClient client,
        LoginRequest request,
        string? contextNamespace,
        CancellationToken cancellationToken)
    {
        var result = await context.Console.WithProgressAsync($"Signing in at {client.Server.Authority}", async () =>
        {
            var session = await client.LoginAsync(request, cancellationToken);
            var kubeconfig = ServerKubeconfig.Parse(await client.GetKubeconfigAsync(cancellationToken));
            return (session, kubeconfig);
        });
        WarnOfClockSkew(context, client);

        // Someone who may only look into one namespace wants kubectl to look there.
        var ns = contextNamespace
            ?? (result.kubeconfig.Namespace is "" && result.session.Namespaces is { Count: > 0 } bound ? bound[0] : result.kubeconfig.Namespace);
        return (result.session, result.kubeconfig with { Namespace = ns });
    }

    /// <summary>Warns when this machine's clock is off: times shown and token lifetimes would be wrong.</summary>
    public static void WarnOfClockSkew(CommandContext context, TkaClient client)
    {
        if (client.ClockAhead is { } ahead && ahead.Duration() > TolerableSkew)
        {
            context.Console.Warning($"the clock of this machine is {RemainingTime.Length(ahead.Duration())} {(ahead > TimeSpan.Zero ? "behind" : "ahead of")} the server's; correct it ({ClockAdvice.Command}), or tokens will seem expired or will be used too long.");
        }
    }
}
