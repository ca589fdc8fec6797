using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace TKA.DevEnvironment.Tailnet.Policy;

/// <summary>Where something stands in a file, both from 1; the column counts UTF-16 units.</summary>
internal readonly record struct TextPosition(int Line, int Column)
{
    public override string ToString() => $"line {Line}, column {Column}";

    /// <summary>Position of a byte of a UTF-8 text.</summary>
    public static TextPosition Of(ReadOnlySpan<byte> utf8, long offset)
    {
        var before = utf8[..(int)offset];
        return new(before.Count((byte)'\n') + 1, Encoding.UTF8.GetCharCount(before[(before.LastIndexOf((byte)'\n') + 1)..]) + 1);
    }

    /// <summary>Position of a byte of a line, both counted from 0 as <see cref="JsonException"/> counts them.</summary>
    public static TextPosition Of(ReadOnlySpan<byte> utf8, long line, long byteInLine)
    {
        var rest = utf8;
        for (var skipped = 0; skipped < line; skipped++)
        {
            rest = rest[(rest.IndexOf((byte)'\n') + 1)..];
        }

        return new((int)line + 1, Encoding.UTF8.GetCharCount(rest[..(int)Math.Min(byteInLine, rest.Length)]) + 1);
    }
}

/// <summary>The text is not the policy it should be.</summary>
internal sealed class PolicyException(TextPosition at, string message) : Exception($"{at}: {message}")
{
    public TextPosition At { get; } = at;
}

/// <summary>A value with the place it was read from, so that later checks can point at it too.</summary>
/// <param name="At">The place.</param>
/// <param name="Json">The value as plain JSON.</param>
internal sealed record HuJsonNode(TextPosition At, JsonNode? Json)
{
    /// <summary>Members of an object, in order.</summary>
    public IReadOnlyList<HuJsonMember> Members { get; init; } = [];

    /// <summary>Items of a list.</summary>
    public IReadOnlyList<HuJsonNode> Items { get; init; } = [];

    /// <summary>What it is, with article, for messages.</summary>
    public string Kind => Json?.GetValueKind() switch
    {
        null => "null",
        JsonValueKind.Object => "an object",
        JsonValueKind.Array => "a list",
        JsonValueKind.String => "a string",
        JsonValueKind.Number => "a number",
        _ => "a boolean",
    };

    /// <summary>The text of a string.</summary>
    public string Text => Json!.GetValue<string>();
}

internal sealed record HuJsonMember(TextPosition At, string Name, HuJsonNode Value);
