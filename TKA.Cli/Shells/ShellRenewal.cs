using TKA.Cli.Kubeconfigs;
using TKA.Cli.Sessions;

namespace TKA.Cli.Shells;

/// <summary>Brings subshells up to date when the session they use is renewed: their kubeconfig holds a token that ends with the old one.</summary>
internal static class ShellRenewal
{
    /// <summary>The record of the subshell this process runs in; null: it runs in none.</summary>
    public static SessionRecord? Here() => Environment.GetEnvironmentVariable(ShellFiles.Variable) is { Length: > 0 }
        ? SessionStore.Load().Find(record => record.IsShell && record.IsHere && SessionInUse.IsInKubeconfigVariable(record.Kubeconfig))
        : null;

    /// <summary>When a login in a subshell is for the session of that shell: renews the shell and leaves nothing else behind.</summary>
    /// <returns>The shell's record; null when the login is another session, or not in a subshell.</returns>
    public static SessionRecord? TryRenew(SessionRecord login, ServerKubeconfig kubeconfig)
    {
        if (Here() is not { } shell || !shell.SameSession(login))
        {
            return null;
        }

        Spread(login, kubeconfig);
        return shell with { Until = login.Until };
    }

    /// <summary>Brings every subshell on this machine that uses the session up to date.</summary>
    public static void Spread(SessionRecord login, ServerKubeconfig kubeconfig)
    {
        foreach (var shell in SessionStore.Load().Where(record => record.IsShell && record.IsHere && record.Kubeconfig is not null && record.SameSession(login)))
        {
            SessionKubeconfig.Write(kubeconfig, shell);
            ShellFiles.Renewed(shell with { Until = login.Until });
        }

        // A login that stays in a file of its own keeps its record; only the end is new.
        if (SessionStore.FindLogin(login.Server, login.Source, login.RoleKey, login.Username) is { } other && other.Until < login.Until)
        {
            SessionStore.Save(other with { Until = login.Until });
        }
    }
}
