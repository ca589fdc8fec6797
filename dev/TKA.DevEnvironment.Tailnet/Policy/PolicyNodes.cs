namespace TKA.DevEnvironment.Tailnet.Policy;

/// <summary>Reads nodes as the type they must have, or says where they have not.</summary>
internal static class PolicyNodes
{
    public static HuJsonNode? Find(this HuJsonObject node, string name) =>
        node.Members.FirstOrDefault(member => member.Name == name)?.Value;

    public static HuJsonObject Object(HuJsonNode node, string what) =>
        node as HuJsonObject ?? throw Mismatch(node, what, "an object");

    public static HuJsonArray Array(HuJsonNode node, string what) =>
        node as HuJsonArray ?? throw Mismatch(node, what, "a list");

    public static HuJsonString String(HuJsonNode node, string what) =>
        node as HuJsonString ?? throw Mismatch(node, what, "a string");

    public static IReadOnlyList<HuJsonString> Strings(HuJsonNode node, string what) =>
        [.. Array(node, what).Items.Select(item => String(item, $"an entry of {what}"))];

    public static IReadOnlyList<HuJsonMember> Members(HuJsonNode? node, string what) =>
        node is null ? [] : Object(node, what).Members;

    public static bool Flag(HuJsonNode? node, string what) => node switch
    {
        null => false,
        HuJsonLiteral { Raw: "true" } => true,
        HuJsonLiteral { Raw: "false" } => false,
        _ => throw Mismatch(node, what, "true or false"),
    };

    private static PolicyException Mismatch(HuJsonNode node, string what, string expected) =>
        new(node.At, $"{what} must be {expected}, not {node.Kind}");
}
