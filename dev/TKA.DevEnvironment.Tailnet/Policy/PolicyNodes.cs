using System.Text.Json.Nodes;

namespace TKA.DevEnvironment.Tailnet.Policy;

/// <summary>Reads nodes as the type they must have, or says where they have not.</summary>
internal static class PolicyNodes
{
    public static HuJsonNode? Find(this HuJsonNode node, string name) =>
        node.Members.FirstOrDefault(member => member.Name == name)?.Value;

    public static HuJsonNode Object(HuJsonNode node, string what) => node.Json is JsonObject ? node : throw Mismatch(node, what, "an object");

    public static HuJsonNode Array(HuJsonNode node, string what) => node.Json is JsonArray ? node : throw Mismatch(node, what, "a list");

    public static HuJsonNode String(HuJsonNode node, string what) =>
        node.Json is JsonValue value && value.TryGetValue<string>(out _) ? node : throw Mismatch(node, what, "a string");

    public static IReadOnlyList<HuJsonNode> Strings(HuJsonNode node, string what) =>
        [.. Array(node, what).Items.Select(item => String(item, $"an entry of {what}"))];

    public static IReadOnlyList<HuJsonMember> Members(HuJsonNode? node, string what) =>
        node is null ? [] : Object(node, what).Members;

    public static bool Flag(HuJsonNode? node, string what) => node?.Json is JsonValue value && value.TryGetValue<bool>(out var flag)
        ? flag
        : node is null ? false : throw Mismatch(node, what, "true or false");

    /// <summary>Throws for the first member of an object whose name is not among the known names.</summary>
    public static void RequireKnown(HuJsonNode node, string what, params ReadOnlySpan<string> known)
    {
        foreach (var member in node.Members)
        {
            if (!known.Contains(member.Name))
            {
                throw new PolicyException(member.At, $"\"{member.Name}\" is no {what}; there are {string.Join(", ", known)}");
            }
        }
    }

    private static PolicyException Mismatch(HuJsonNode node, string what, string expected) =>
        new(node.At, $"{what} must be {expected}, not {node.Kind}");
}
