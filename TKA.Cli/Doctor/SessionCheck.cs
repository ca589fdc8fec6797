using TKA.Cli.Kubeconfigs;
using TKA.Cli.Sessions;
using TKA.Cli.Shells;
using TKA.Cli.Storage;

namespace TKA.Cli.Doctor;

/// <summary>Whether kubectl in this terminal uses a session that is there: signed in and unused looks like a refusal by the cluster.</summary>
internal static class SessionCheck
{
    private const string Name = "Session";

    /// <summary>Runs it.</summary>
    public static Finding Run()
    {
        var logins = SessionStore.Load().FindAll(record => !record.IsShell);
        if (SessionInUse.Find() is { } use)
        {
            if (!use.HasCluster)
            {
                return new(Name, Verdict.Warning, $"The context {use.Context} names a cluster that is not in the kubeconfig, so kubectl asks localhost:8080.", "Write it again: tka login --merge --use");
            }

            return File.Exists(use.Kubeconfig)
                ? new(Name, Verdict.Ok, $"kubectl uses the {(use.Role is null ? "base session" : $"session with role {use.Role}")} in this terminal ({use.Context ?? TkaPaths.ForPeople(use.Kubeconfig)}).")
                : new(Name, Verdict.Warning, $"KUBECONFIG names {use.Kubeconfig}, which is not there any more.", $"{ShellSyntax.Unset(ShellSyntax.Default, "KUBECONFIG")}, or sign in again: tka login");
        }

        if (SessionInUse.Paths().FirstOrDefault(path => path.StartsWith(SessionStore.Kubeconfigs + Path.DirectorySeparatorChar, StringComparison.Ordinal) && !File.Exists(path)) is { } gone)
        {
            return new(Name, Verdict.Warning, $"KUBECONFIG names {gone}, which is not there any more.", $"{ShellSyntax.Unset(ShellSyntax.Default, "KUBECONFIG")}, or sign in again: tka login");
        }

        return logins switch
        {
            [] => new(Name, Verdict.Skipped, "Nobody is signed in on this machine."),
            [{ Kubeconfig: { } file }, ..] => new(Name, Verdict.Warning, "You are signed in, but kubectl does not use the session in this terminal.", ShellSyntax.Export(ShellSyntax.Default, "KUBECONFIG", file)),
            [{ Merged: { } merged }, ..] => Unused(merged),
            _ => new(Name, Verdict.Skipped, "What login wrote is not there any more."),
        };
    }

    private static Finding Unused(MergeRecord merged) => OwnEntries.ContextIn(merged) switch
    {
        null => new(Name, Verdict.Warning, $"You are signed in, but what tka added to {TkaPaths.ForPeople(merged.Path)} is not whole any more.", "Write it again: tka login --merge --use"),
        _ when !SessionInUse.Paths().Contains(merged.Path) => new(
            Name,
            Verdict.Warning,
            $"You are signed in, but the context is in {TkaPaths.ForPeople(merged.Path)}, which KUBECONFIG does not name.",
            ShellSyntax.Export(ShellSyntax.Default, "KUBECONFIG", merged.Path)),
        var context => new(Name, Verdict.Warning, $"You are signed in, but another context than {context} is current.", $"kubectl config use-context {ShellSyntax.Word(context)}"),
    };
}
