using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace TKA.Cli.Yaml;

/// <summary>Reads YAML into nodes that know their place in the text.</summary>
/// <remarks>Only the parser of YamlDotNet is used: its serializers need reflection, which native AOT does not have.</remarks>
internal static class YamlTree
{
    private const int MaxDepth = 64;

    /// <summary>The root of the first document, or null when the text holds none.</summary>
    /// <exception cref="YamlException">The text is no YAML, or nested too deeply.</exception>
    public static YamlNode? Parse(string text)
    {
        // A byte order mark is one character of the text that the scanner does not count.
        var parser = new Parser(new StringReader(text.TrimStart('\uFEFF')));
        var offset = text.StartsWith('\uFEFF') ? 1 : 0;
        parser.Consume<StreamStart>();
        if (!parser.TryConsume<DocumentStart>(out _))
        {
            return null;
        }

        var root = Read(parser, text, offset, depth: 0);
        parser.Consume<DocumentEnd>();
        while (parser.MoveNext())
        {
            // The rest is read so that an error anywhere in the file is found before anything is written.
        }

        return root;
    }

    private static YamlNode Read(Parser parser, string text, int offset, int depth)
    {
        if (depth > MaxDepth)
        {
            throw new YamlException(parser.Current!.Start, parser.Current.End, "nested too deeply");
        }

        switch (parser.Current)
        {
            case Scalar scalar:
                parser.MoveNext();
                var start = (int)scalar.Start.Index + offset;
                return new YamlNode
                {
                    Kind = YamlKind.Scalar,
                    Start = start,
                    End = TrimEnd(text, start, (int)scalar.End.Index + offset),
                    Column = (int)scalar.Start.Column - 1,
                    Text = scalar.Value,
                    Plain = scalar.Style == ScalarStyle.Plain,
                };
            case AnchorAlias alias:
                parser.MoveNext();
                return new YamlNode
                {
                    Kind = YamlKind.Alias,
                    Start = (int)alias.Start.Index + offset,
                    End = (int)alias.End.Index + offset,
                    Column = (int)alias.Start.Column - 1,
                    Text = alias.Value.Value,
                };
            case SequenceStart sequence:
                parser.MoveNext();
                var list = Collection(YamlKind.Sequence, sequence, offset, sequence.Style == SequenceStyle.Flow);
                while (!parser.Accept<SequenceEnd>(out _))
                {
                    list.Items.Add(Read(parser, text, offset, depth + 1));
                }

                list.Column = list.Items is [var first, ..] && !list.Flow && HasProperties(sequence) ? DashColumn(text, first) : list.Column;
                list.End = CollectionEnd(list, parser.Consume<SequenceEnd>(), offset, list.Items.Count == 0 ? null : list.Items[^1]);
                return list;
            case MappingStart mapping:
                parser.MoveNext();
                var map = Collection(YamlKind.Mapping, mapping, offset, mapping.Style == MappingStyle.Flow);
                while (!parser.Accept<MappingEnd>(out _))
                {
                    var key = Read(parser, text, offset, depth + 1);
                    map.Entries.Add((key, Read(parser, text, offset, depth + 1)));
                }

                map.Column = map.Entries is [var top, ..] && !map.Flow && HasProperties(mapping) ? top.Key.Column : map.Column;
                map.End = CollectionEnd(map, parser.Consume<MappingEnd>(), offset, map.Entries.Count == 0 ? null : Last(map.Entries[^1]));
                return map;
            default:
                throw new YamlException(parser.Current!.Start, parser.Current.End, $"unexpected {parser.Current.GetType().Name}");
        }
    }

    // "key: &anchor" and "key: !!seq" stand before the first item, often on another line: the collection's column is not theirs.
    private static bool HasProperties(NodeEvent start) => !start.Anchor.IsEmpty || !start.Tag.IsEmpty;

    private static int DashColumn(string text, YamlNode first)
    {
        for (var line = YamlEdit.LineStart(text, first.Start); ; line = YamlEdit.LineStart(text, line - 1))
        {
            var column = 0;
            while (line + column < text.Length && text[line + column] == ' ')
            {
                column++;
            }

            if (line == 0 || text[line + column] == '-')
            {
                return column;
            }
        }
    }

    private static YamlNode Collection(YamlKind kind, ParsingEvent start, int offset, bool flow) => new()
    {
        Kind = kind,
        Start = (int)start.Start.Index + offset,
        Column = (int)start.Start.Column - 1,
        Flow = flow,
    };

    // The end event of a flow collection stands on its bracket. That of a block collection stands before the next token, after any comments:
    // the content ends with its last child.
    private static int CollectionEnd(YamlNode node, ParsingEvent end, int offset, YamlNode? last) =>
        node.Flow ? (int)end.Start.Index + offset + 1 : last?.End ?? node.Start;

    private static YamlNode Last((YamlNode Key, YamlNode Value) entry)
    {
        // "key:" without a value: the content ends after the colon.
        if (entry.Value is { Kind: YamlKind.Scalar, Plain: true, Text: "" } && entry.Value.End <= entry.Key.End)
        {
            entry.Value.End = entry.Key.End + 1;
        }

        return entry.Value;
    }

    // Block scalars end behind their line breaks. All of them belong to the value when "|+" or ">+" says so, else none.
    private static int TrimEnd(string text, int start, int end)
    {
        end = Math.Min(end, text.Length);
        if (start < end && text[start] is '|' or '>' && text.AsSpan(start, Math.Min(3, end - start)).Contains('+'))
        {
            while (text[end - 1] is ' ')
            {
                end--;
            }

            return end - (text[end - 1] == '\n' ? text[end - 2] == '\r' ? 2 : 1 : 0);
        }

        while (end > start && text[end - 1] is '\n' or '\r' or ' ')
        {
            end--;
        }

        return end;
    }
}
