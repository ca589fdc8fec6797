using System.Text;
using System.Text.Json;

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
internal abstract record HuJsonNode(TextPosition At)
{
    /// <summary>What it is, with article, for messages.</summary>
    public abstract string Kind { get; }

    /// <summary>Writes it as plain JSON.</summary>
    public abstract void WriteTo(Utf8JsonWriter writer);
}

internal sealed record HuJsonObject(TextPosition At, IReadOnlyList<HuJsonMember> Members) : HuJsonNode(At)
{
    public override string Kind => "an object";

    public override void WriteTo(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        foreach (var member in Members)
        {
            writer.WritePropertyName(member.Name);
            member.Value.WriteTo(writer);
        }

        writer.WriteEndObject();
    }
}

internal sealed record HuJsonMember(TextPosition At, string Name, HuJsonNode Value);

internal sealed record HuJsonArray(TextPosition At, IReadOnlyList<HuJsonNode> Items) : HuJsonNode(At)
{
    public override string Kind => "a list";

    public override void WriteTo(Utf8JsonWriter writer)
    {
        writer.WriteStartArray();
        foreach (var item in Items)
        {
            item.WriteTo(writer);
        }

        writer.WriteEndArray();
    }
}

internal sealed record HuJsonString(TextPosition At, string Text) : HuJsonNode(At)
{
    public override string Kind => "a string";

    public override void WriteTo(Utf8JsonWriter writer) => writer.WriteStringValue(Text);
}

/// <summary>A number, true, false or null, kept as it was written.</summary>
internal sealed record HuJsonLiteral(TextPosition At, string Raw) : HuJsonNode(At)
{
    public override string Kind => Raw is "true" or "false" ? "a boolean" : Raw == "null" ? "null" : "a number";

    public override void WriteTo(Utf8JsonWriter writer) => writer.WriteRawValue(Raw);
}
