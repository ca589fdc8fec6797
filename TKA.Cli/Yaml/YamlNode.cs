namespace TKA.Cli.Yaml;

/// <summary>Kind of a node.</summary>
internal enum YamlKind
{
    Scalar,
    Mapping,
    Sequence,
    Alias,
}

/// <summary>A node of a YAML text with the place it was written at, so that the text can be changed around it and nowhere else.</summary>
internal sealed class YamlNode
{
    /// <summary>Kind.</summary>
    public required YamlKind Kind { get; init; }

    /// <summary>Index of the first character; for an empty value, where it would be.</summary>
    public required int Start { get; init; }

    /// <summary>Index after the last character of content, before any comment or line break that follows.</summary>
    public int End { get; set; }

    /// <summary>Column of the first character, from 0; of a block collection, the column its items or keys begin at.</summary>
    public required int Column { get; set; }

    /// <summary>Written in <c>[ ]</c> or <c>{ }</c>.</summary>
    public bool Flow { get; init; }

    /// <summary>Value of a scalar.</summary>
    public string Text { get; init; } = "";

    /// <summary>A scalar without quotes.</summary>
    public bool Plain { get; init; }

    /// <summary>Items of a sequence.</summary>
    public List<YamlNode> Items { get; } = [];

    /// <summary>Entries of a mapping, in order.</summary>
    public List<(YamlNode Key, YamlNode Value)> Entries { get; } = [];

    /// <summary>Nothing is written, or <c>null</c>, or <c>~</c>.</summary>
    public bool IsNull => Kind == YamlKind.Scalar && Plain && Text is "" or "~" or "null" or "Null" or "NULL";

    /// <summary>The entry of a mapping with that key.</summary>
    public (YamlNode Key, YamlNode Value)? Entry(string key)
    {
        foreach (var entry in Entries)
        {
            if (entry.Key.Text == key)
            {
                return entry;
            }
        }

        return null;
    }

    /// <summary>The value of that key, or null.</summary>
    public YamlNode? this[string key] => Entry(key)?.Value;
}
