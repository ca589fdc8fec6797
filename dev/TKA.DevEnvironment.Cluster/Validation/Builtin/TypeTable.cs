using System.Globalization;
using TKA.DevEnvironment.Shared;

namespace TKA.DevEnvironment.Cluster.Validation.Builtin;

/// <summary>A field of a built-in type.</summary>
/// <param name="Name">Name in the JSON.</param>
/// <param name="Type">As the table writes it: <c>[]Container</c>, <c>{}string</c>, <c>int32</c>.</param>
/// <param name="Hints">What the table says beside the type.</param>
internal sealed record TypeField(string Name, string Type, IReadOnlyList<string> Hints)
{
    /// <summary>Whether it must be neither absent nor empty.</summary>
    public bool IsRequired => Hints.Contains("required");

    /// <summary>Whether Go writes it even when nothing was said about it.</summary>
    public bool IsAlwaysThere => Hints.Contains("always");

    /// <summary>Whether a list is a set of values.</summary>
    public bool IsSet => Hints.Contains("set");

    /// <summary>Whether the zero value differs from absence in protobuf.</summary>
    public bool KeepsZero => Hints.Contains("zero");

    /// <summary>Whether protobuf has the field as JSON.</summary>
    public bool IsRaw => Hints.Contains("raw");

    /// <summary>Number of the field in protobuf, after those of the messages it is in; empty when it cannot be sent so.</summary>
    public IReadOnlyList<int> Numbers { get; } =
        [.. Hints.Where(hint => hint.StartsWith('#')).SelectMany(hint => hint[1..].Split('.')).Select(number => int.Parse(number, CultureInfo.InvariantCulture))];

    /// <summary>Fields by which the items of a list are told apart.</summary>
    public IReadOnlyList<string> Keys => Hint("key=", ',');

    /// <summary>The values that the field, or an item of a list, may have; none when it may have any.</summary>
    public IReadOnlyList<string> Values => Hint("enum=", '|');

    private string[] Hint(string prefix, char separator) =>
        Hints.FirstOrDefault(hint => hint.StartsWith(prefix, StringComparison.Ordinal)) is { } hint ? hint[prefix.Length..].Split(separator) : [];
}

/// <summary>The table of built-in types, <c>builtin.types</c>.</summary>
internal static class TypeTable
{
    private static readonly Lazy<Dictionary<string, (bool IsAtomic, List<TypeField> Fields)>> Types = new(Read);

    /// <summary>Names of all types.</summary>
    public static IEnumerable<string> Names => Types.Value.Keys;

    /// <summary>A type: whether it is owned as a whole, and its fields.</summary>
    /// <exception cref="KeyNotFoundException">There is no such type.</exception>
    public static (bool IsAtomic, IReadOnlyList<TypeField> Fields) Get(string name) => Types.Value[name];

    private static Dictionary<string, (bool, List<TypeField>)> Read()
    {
        var types = new Dictionary<string, (bool, List<TypeField>)>();
        List<TypeField> fields = [];
        foreach (var line in EmbeddedText.Read("builtin.types").Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            var words = line.Trim().Split(' ');
            if (line.StartsWith(' '))
            {
                fields.Add(new TypeField(words[0], words[1], words[2..]));
            }
            else if (!line.StartsWith('#'))
            {
                types[words[0]] = (words.Length > 1, fields = []);
            }
        }

        return types;
    }
}
