using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using static TKA.DevEnvironment.Cluster.Cel.CelType;

namespace TKA.DevEnvironment.Cluster.Cel.Functions;

/// <summary>Standard string functions, the strings extension and Kubernetes' regex functions. Positions count code points.</summary>
internal static class StringFunctions
{
    private static readonly CelType Strings = List(CelType.String);

    public static IEnumerable<CelOverload> All { get; } =
    [
        new("size", true, [CelType.String], Int, a => Length(Text(a, 0))),
        new("size", false, [CelType.String], Int, a => Length(Text(a, 0))),
        new("size", true, [Bytes], Int, a => (long)((byte[])a[0]!).Length),
        new("size", false, [Bytes], Int, a => (long)((byte[])a[0]!).Length),
        Method("startsWith", [CelType.String], Bool, a => Text(a, 0).StartsWith(Text(a, 1), StringComparison.Ordinal)),
        Method("endsWith", [CelType.String], Bool, a => Text(a, 0).EndsWith(Text(a, 1), StringComparison.Ordinal)),
        Method("contains", [CelType.String], Bool, a => Text(a, 0).Contains(Text(a, 1), StringComparison.Ordinal)),
        Method("matches", [CelType.String], Bool, a => CelRegex.Compile(Text(a, 1)).IsMatch(Text(a, 0))),
        new("matches", false, [CelType.String, CelType.String], Bool, a => CelRegex.Compile(Text(a, 1)).IsMatch(Text(a, 0))),
        Method("find", [CelType.String], CelType.String, a => CelRegex.Compile(Text(a, 1)).Match(Text(a, 0)).Value),
        Method("findAll", [CelType.String], Strings, a => FindAll(Text(a, 0), Text(a, 1), -1)),
        Method("findAll", [CelType.String, Int], Strings, a => FindAll(Text(a, 0), Text(a, 1), Number(a, 2))),
        Method("lowerAscii", [], CelType.String, a => MapAscii(Text(a, 0), char.IsAsciiLetterUpper, char.ToLowerInvariant)),
        Method("upperAscii", [], CelType.String, a => MapAscii(Text(a, 0), char.IsAsciiLetterLower, char.ToUpperInvariant)),
        Method("trim", [], CelType.String, a => Text(a, 0).Trim()),
        Method("replace", [CelType.String, CelType.String], CelType.String, a => Replace(Text(a, 0), Text(a, 1), Text(a, 2), -1)),
        Method("replace", [CelType.String, CelType.String, Int], CelType.String, a => Replace(Text(a, 0), Text(a, 1), Text(a, 2), Number(a, 3))),
        Method("split", [CelType.String], Strings, a => Split(Text(a, 0), Text(a, 1), -1)),
        Method("split", [CelType.String, Int], Strings, a => Split(Text(a, 0), Text(a, 1), Number(a, 2))),
        Method("substring", [Int], CelType.String, a => Substring(Text(a, 0), Number(a, 1), Length(Text(a, 0)))),
        Method("substring", [Int, Int], CelType.String, a => Substring(Text(a, 0), Number(a, 1), Number(a, 2))),
        Method("charAt", [Int], CelType.String, a => Number(a, 1) == Length(Text(a, 0)) ? "" : Substring(Text(a, 0), Number(a, 1), Number(a, 1) + 1)),
        Method("indexOf", [CelType.String], Int, a => IndexOf(Text(a, 0), Text(a, 1), 0)),
        Method("indexOf", [CelType.String, Int], Int, a => IndexOf(Text(a, 0), Text(a, 1), Number(a, 2))),
        Method("lastIndexOf", [CelType.String], Int, a => LastIndexOf(Text(a, 0), Text(a, 1), Length(Text(a, 0)))),
        Method("lastIndexOf", [CelType.String, Int], Int, a => LastIndexOf(Text(a, 0), Text(a, 1), Number(a, 2))),
        new("join", true, [Strings], CelType.String, a => Join(a[0], "")),
        new("join", true, [Strings, CelType.String], CelType.String, a => Join(a[0], Text(a, 1))),
        new("isURL", false, [CelType.String], Bool, a => Uri.TryCreate(Text(a, 0), UriKind.Absolute, out _) || Text(a, 0).StartsWith('/')),
    ];

    private static CelOverload Method(string name, CelType[] parameters, CelType result, Func<object?[], object?> run) =>
        new(name, true, [CelType.String, .. parameters], result, run);

    private static string Text(object?[] arguments, int index) => (string)arguments[index]!;

    private static long Number(object?[] arguments, int index) => (long)arguments[index]!;

    private static long Length(string text)
    {
        var length = (long)text.Length;
        foreach (var character in text)
        {
            if (char.IsLowSurrogate(character))
            {
                length--;
            }
        }

        return length;
    }

    private static string Substring(string text, long start, long end)
    {
        var length = Length(text);
        if (start < 0 || end > length)
        {
            throw new CelException($"index out of range: {(start < 0 ? start : end)}");
        }

        if (start > end)
        {
            throw new CelException($"invalid substring range. start: {start}, end: {end}");
        }

        return text[Utf16(text, start)..Utf16(text, end)];
    }

    private static int Utf16(string text, long codePoints)
    {
        var index = 0;
        for (; codePoints > 0; codePoints--)
        {
            index += char.IsHighSurrogate(text[index]) ? 2 : 1;
        }

        return index;
    }

    private static long IndexOf(string text, string wanted, long from)
    {
        if (from < 0 || from > Length(text))
        {
            throw new CelException($"index out of range: {from}");
        }

        var found = text.IndexOf(wanted, Utf16(text, from), StringComparison.Ordinal);
        return found < 0 ? -1 : Length(text[..found]);
    }

    private static long LastIndexOf(string text, string wanted, long from)
    {
        if (from < 0 || from > Length(text))
        {
            throw new CelException($"index out of range: {from}");
        }

        for (var start = Utf16(text, from); start >= 0; start--)
        {
            if (string.CompareOrdinal(text, start, wanted, 0, wanted.Length) == 0)
            {
                return Length(text[..start]);
            }
        }

        return -1;
    }

    private static string Replace(string text, string old, string replacement, long limit)
    {
        if (old.Length == 0)
        {
            throw new CelException("cannot replace an empty string in this subset");
        }

        var result = new StringBuilder();
        var position = 0;
        for (; limit != 0; limit--)
        {
            var found = text.IndexOf(old, position, StringComparison.Ordinal);
            if (found < 0)
            {
                break;
            }

            result.Append(text, position, found - position).Append(replacement);
            position = found + old.Length;
        }

        return result.Append(text, position, text.Length - position).ToString();
    }

    private static object?[] Split(string text, string separator, long limit)
    {
        if (limit == 0)
        {
            return [];
        }

        if (separator.Length == 0)
        {
            string[] runes = [.. text.EnumerateRunes().Select(rune => rune.ToString())];
            return limit > 0 && runes.Length > limit ? [.. runes.Take((int)limit - 1), string.Concat(runes.Skip((int)limit - 1))] : [.. runes];
        }

        return limit < 0 ? [.. text.Split(separator)] : [.. text.Split(separator, (int)Math.Min(limit, int.MaxValue))];
    }

    private static object?[] FindAll(string text, string pattern, long limit)
    {
        var matches = CelRegex.Compile(pattern).Matches(text).Select(match => (object?)match.Value);
        return [.. limit < 0 ? matches : matches.Take((int)Math.Min(limit, int.MaxValue))];
    }

    private static string MapAscii(string text, Func<char, bool> applies, Func<char, char> map) =>
        string.Create(text.Length, (text, applies, map), static (span, state) =>
        {
            for (var i = 0; i < span.Length; i++)
            {
                span[i] = state.applies(state.text[i]) ? state.map(state.text[i]) : state.text[i];
            }
        });

    private static string Join(object? list, string separator) =>
        string.Join(separator, ((IReadOnlyList<object?>)list!).Select(item => item as string ?? throw new CelException("no such overload")));
}

/// <summary>Regular expressions in RE2's spirit: linear time, no look-around and no back references.</summary>
internal static class CelRegex
{
    private static readonly System.Collections.Concurrent.ConcurrentDictionary<string, Regex> Cache = new(StringComparer.Ordinal);

    /// <summary>Compiles a pattern.</summary>
    /// <exception cref="CelException">RE2 would refuse it.</exception>
    public static Regex Compile(string pattern)
    {
        if (Cache.TryGetValue(pattern, out var known))
        {
            return known;
        }

        try
        {
            var compiled = new Regex(
                pattern.Replace("(?P<", "(?<", StringComparison.Ordinal).Replace(@"\z", @"\z", StringComparison.Ordinal),
                RegexOptions.NonBacktracking | RegexOptions.CultureInvariant);
            if (Cache.Count >= 512)
            {
                Cache.Clear();
            }

            return Cache[pattern] = compiled;
        }
        catch (Exception exception) when (exception is ArgumentException or NotSupportedException)
        {
            throw new CelException(string.Create(CultureInfo.InvariantCulture, $"error parsing regexp: {exception.Message}"));
        }
    }
}
