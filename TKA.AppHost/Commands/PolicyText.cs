using System.Text.Json;
using System.Text.Json.Nodes;
using TKA.DevEnvironment.Stack;

namespace TKA.AppHost.Commands;

/// <summary>The policy file, as far as commands change it. The file as it was is kept beside it until it is restored.</summary>
internal static class PolicyText
{
    private static readonly JsonDocumentOptions Hujson = new() { AllowTrailingCommas = true, CommentHandling = JsonCommentHandling.Skip };
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    /// <summary>Whether a grant has been withdrawn and not restored.</summary>
    public static bool IsChanged(StackFiles files) => File.Exists(Kept(files));

    /// <summary>Reads the policy.</summary>
    public static JsonObject Read(StackFiles files) => JsonNode.Parse(File.ReadAllText(files.Policy), null, Hujson)!.AsObject();

    /// <summary>Takes a person out of every grant, also where a group names them.</summary>
    /// <returns>How many grants named the person.</returns>
    public static int Withdraw(StackFiles files, string login)
    {
        var policy = Read(files);
        var groups = policy["groups"]?.AsObject();
        var changed = 0;
        foreach (var grant in policy["grants"]?.AsArray().OfType<JsonObject>().ToList() ?? [])
        {
            var sources = grant["src"]!.AsArray().Select(source => (string)source!).ToList();
            var others = sources
                .SelectMany(source => groups?[source] is JsonArray members && members.Any(member => (string?)member == login)
                    ? members.Select(member => (string)member!)
                    : [source])
                .Where(source => source != login)
                .ToList();
            if (others.SequenceEqual(sources))
            {
                continue;
            }

            changed++;
            if (others.Count > 0)
            {
                grant["src"] = new JsonArray([.. others.Select(source => (JsonNode)source)]);
            }
            else
            {
                policy["grants"]!.AsArray().Remove(grant);
            }
        }

        if (changed > 0)
        {
            if (!IsChanged(files))
            {
                File.Copy(files.Policy, Kept(files));
            }

            Write(files, policy.ToJsonString(Indented));
        }

        return changed;
    }

    /// <summary>Puts the file back as it was.</summary>
    public static void Restore(StackFiles files)
    {
        Write(files, File.ReadAllText(Kept(files)));
        File.Delete(Kept(files));
    }

    private static string Kept(StackFiles files) => files.Policy + ".kept";

    /// <summary>In one step: the tailnet reads the file whenever it changes.</summary>
    private static void Write(StackFiles files, string text)
    {
        var temporary = files.Policy + ".new";
        File.WriteAllText(temporary, text);
        File.Move(temporary, files.Policy, overwrite: true);
    }
}
