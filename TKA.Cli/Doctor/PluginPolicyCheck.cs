using TKA.Cli.Kubeconfigs;
using TKA.Cli.Storage;
using TKA.Cli.Yaml;
using YamlDotNet.Core;

namespace TKA.Cli.Doctor;

/// <summary>
/// Whether kubectl may run tka as a credential plugin. kubectl 1.35 and later can forbid plugins in the user's preferences (kuberc,
/// <c>kubectl.config.k8s.io/v1beta1</c>): <c>credentialPluginPolicy</c> DenyAll, or Allowlist with <c>credentialPluginAllowlist</c>, whose
/// entries have a <c>name</c> (1.35) or a <c>command</c> (1.36).
/// </summary>
internal static class PluginPolicyCheck
{
    private const string Name = "Plugins";

    /// <summary>Runs it.</summary>
    public static Finding Run()
    {
        var variable = Environment.GetEnvironmentVariable("KUBERC");
        if (variable is "off" || Environment.GetEnvironmentVariable("KUBECTL_KUBERC") is "false")
        {
            return new(Name, Verdict.Skipped, "kubectl's preferences (kuberc) are switched off.");
        }

        var path = variable is { Length: > 0 } ? variable : Path.Combine(TkaPaths.Home, ".kube", "kuberc");
        try
        {
            return File.Exists(path)
                ? Judge(path, YamlTree.Parse(File.ReadAllText(path)))
                : new(Name, Verdict.Ok, "kubectl has no preferences (kuberc) that could forbid credential plugins.");
        }
        catch (Exception exception) when (exception is YamlException or IOException or UnauthorizedAccessException)
        {
            return new(Name, Verdict.Warning, $"{TkaPaths.ForPeople(path)} cannot be read, so it is not known whether kubectl may call tka.", "kubectl kuberc view");
        }
    }

    private static Finding Judge(string path, YamlNode? preferences)
    {
        var (command, _) = ExecEntry.Program();
        var allowed = preferences?["credentialPluginAllowlist"]?.Items.Exists(entry => (entry["command"] ?? entry["name"])?.Text is { } name && Matches(name, command)) is true;
        return (preferences?["credentialPluginPolicy"]?.Text, allowed) switch
        {
            (null or "" or "AllowAll", _) => new(Name, Verdict.Ok, "kubectl may run credential plugins."),
            ("Allowlist", true) => new(Name, Verdict.Ok, $"kubectl may run {command} as a credential plugin."),
            (var policy, _) => new(
                Name,
                Verdict.Warning,
                $"kubectl may not run tka as a credential plugin: {TkaPaths.ForPeople(path)} says {policy}{(policy == "Allowlist" ? $" without {command}" : "")}, so contexts of tka login --merge do not work.",
                $"kubectl kuberc set --section credentialplugin --policy Allowlist --allowlist-entry command={command} (kubectl 1.35: add \"- name: {command}\" to credentialPluginAllowlist in {path})"),
        };
    }

    // As client-go does: a name without a directory stands for a program on PATH, a path for that file.
    private static bool Matches(string entry, string command) =>
        entry == command || (Path.IsPathRooted(entry) && AtomicFile.ResolveLink(entry) == AtomicFile.ResolveLink(Environment.ProcessPath ?? ""));
}
