using System.Text.Json.Nodes;
using TKA.Cli.Client;
using TKA.Cli.Errors;
using TKA.Cli.Shells;
using TKA.Cli.Storage;
using TKA.Cli.Yaml;
using TKA.Contracts.Kubeconfig;

namespace TKA.Cli.Kubeconfigs;

/// <summary>The <c>exec</c> of a user entry, which makes kubectl call <c>tka credential</c>.</summary>
internal static class ExecEntry
{
    /// <summary>Builds it. What people changed in an entry that is there (command, apiVersion, env) stays.</summary>
    /// <param name="context">The context it belongs to.</param>
    /// <param name="old">The user entry that is there; null: none.</param>
    public static JsonObject Build(MergedContext context, YamlNode? old)
    {
        var exec = old?["user"]?["exec"];
        var (command, first) = Program();
        if (exec?["command"]?.Text is { Length: > 0 } chosen && chosen != command && IsThere(chosen))
        {
            (command, first) = (chosen, [.. Before(old!)]);
        }

        var entry = new JsonObject
        {
            ["apiVersion"] = context.ExecApiVersion ?? (exec?["apiVersion"]?.Text is { Length: > 0 } version ? version : ExecCredential.V1),
            ["command"] = command,
            ["args"] = Array([.. first, OwnEntries.CredentialCommand, "--server", context.TkaServer, .. Flags(context, old)]),
        };
        if (Environment(exec?["env"], context.Source) is { Count: > 0 } environment)
        {
            entry["env"] = environment;
        }

        entry["interactiveMode"] = "Never";

        // With the cluster's address tka credential can find out whether the cluster refuses a token.
        entry["provideClusterInfo"] = true;
        entry["installHint"] = "This context gets its credentials from tka. Install it and put it on PATH, or remove the context: kubectl config delete-context " + context.Name;
        return entry;
    }

    /// <summary>The program kubectl shall call, and arguments that come first: by name when that finds this very program, else by path.</summary>
    public static (string Command, string[] Arguments) Program()
    {
        var self = System.Environment.ProcessPath ?? "tka";
        if (Path.GetFileNameWithoutExtension(self) == "dotnet")
        {
            // Started as "dotnet tka.dll".
            return (self, [Path.GetFullPath(System.Environment.GetCommandLineArgs()[0])]);
        }

        return (TryFind("tka") is { } found && AtomicFile.ResolveLink(found) == AtomicFile.ResolveLink(self) ? "tka" : self, []);
    }

    private static IEnumerable<string> Flags(MergedContext context, YamlNode? old)
    {
        if (context.Role is not null)
        {
            yield return "--role";
            yield return context.Role;
        }

        if ((context.Period ?? (old is null ? null : OwnEntries.Argument(old, "--period"))) is { } period)
        {
            yield return "--period";
            yield return period;
        }

        if (context.AutoLogin ?? (old is not null && OwnEntries.Arguments(old)?.Exists(item => item.Text == "--auto-login") is true))
        {
            yield return "--auto-login";
        }
    }

    // "dotnet /path/tka.dll credential ...": what stands before the word stays with the command.
    private static IEnumerable<string> Before(YamlNode old) =>
        (OwnEntries.Arguments(old) ?? []).TakeWhile(item => item.Text != OwnEntries.CredentialCommand).Select(item => item.Text);

    private static JsonArray Environment(YamlNode? old, string? source)
    {
        var environment = new JsonArray();
        foreach (var item in old?.Items ?? [])
        {
            if (item["name"]?.Text is { Length: > 0 } name && name != SourceAddress.Variable)
            {
                environment.Add((JsonNode)new JsonObject { ["name"] = name, ["value"] = item["value"]?.Text ?? "" });
            }
        }

        if (source is not null)
        {
            environment.Add((JsonNode)new JsonObject { ["name"] = SourceAddress.Variable, ["value"] = source });
        }

        return environment;
    }

    private static JsonArray Array(IEnumerable<string> values)
    {
        var array = new JsonArray();
        foreach (var value in values)
        {
            array.Add((JsonNode)value);
        }

        return array;
    }

    private static bool IsThere(string command) => TryFind(command) is not null;

    private static string? TryFind(string command)
    {
        try
        {
            return ChildProcess.Find(command);
        }
        catch (CliException)
        {
            return null;
        }
    }
}
