using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using TKA.Contracts.Sessions;
using Xunit;

namespace TKA.Tests.Kubernetes;

/// <summary>Names of random people, of every script. <c>TKA_NAMES_SEED</c> repeats a run.</summary>
public sealed partial class SessionNamesRandomTests(ITestOutputHelper output)
{
    private const int Pairs = 1_000_000;

    // One block of each kind of script and sign; plain letters weigh more, as they make the part of a name that people can read.
    private static readonly (int First, int Last)[] Blocks =
    [
        ('a', 'z'), ('a', 'z'), ('A', 'Z'), ('0', '9'), ('!', '?'), ('[', '`'), ('{', '~'),
        (0x00C0, 0x024F), (0x0300, 0x036F), (0x0370, 0x03FF), (0x0400, 0x052F), (0x0531, 0x0556), (0x05D0, 0x05EA), (0x0620, 0x064A),
        (0x0904, 0x0939), (0x0E01, 0x0E30), (0x10D0, 0x10FF), (0x1100, 0x1112), (0x13A0, 0x13F4), (0x1E00, 0x1EFF), (0x200B, 0x200F),
        (0x202A, 0x202E), (0x2100, 0x214F), (0x2C00, 0x2C2F), (0x3041, 0x30FF), (0x4E00, 0x9FFF), (0xA640, 0xA66D), (0xAC00, 0xD7A3),
        (0xE000, 0xE0FF), (0xFF01, 0xFF5E), (0x10400, 0x1044F), (0x1D400, 0x1D454), (0x1E900, 0x1E943), (0x1F300, 0x1F5FF), (0x20000, 0x2A6DF),
    ];

    [Fact]
    public void A_million_random_pairs_of_people_have_different_valid_names()
    {
        var seed = int.TryParse(Environment.GetEnvironmentVariable("TKA_NAMES_SEED"), CultureInfo.InvariantCulture, out var given) ? given : Random.Shared.Next();
        output.WriteLine($"TKA_NAMES_SEED={seed}");
        var random = new Random(seed);
        var collisions = new List<string>();
        for (var i = 0; i < Pairs; i++)
        {
            var one = Login(random);
            var other = Another(random, one);
            var (folded, otherFolded) = (one.ToLowerInvariant(), other.ToLowerInvariant());
            if (folded == otherFolded)
            {
                Assert.Equal(SessionNames.ForLogin(one), SessionNames.ForLogin(other));
                continue;
            }

            var (first, second) = (SessionNames.ForLogin(one), SessionNames.ForLogin(other));
            Assert.True(Label().IsMatch(first), $"seed {seed}: {one} gives {first}");
            Assert.True(Label().IsMatch(second), $"seed {seed}: {other} gives {second}");
            if (first == second)
            {
                collisions.Add($"{one} and {other}: {first}");
            }
        }

        // 32 bits of hash: one pair in four thousand million, so one in four thousand runs may meet a pair, and none two. Whoever
        // does is told so (409, NameCollision) and gets nobody else's session; see TKA.Tests/Api.
        Assert.True(collisions.Count <= 1, $"seed {seed}: {string.Join(", ", collisions)}");
    }

    private static string Login(Random random)
    {
        var local = Text(random, random.Next(0, 24));
        return random.Next(8) switch
        {
            0 => local,
            1 => $"{local}@github",
            _ => $"{local}@{Text(random, random.Next(1, 12))}.com",
        };
    }

    /// <summary>Somebody else: often one who could be mistaken for the first.</summary>
    private static string Another(Random random, string login)
    {
        var runes = login.EnumerateRunes().ToList();
        var at = login.IndexOf('@', StringComparison.Ordinal);
        switch (random.Next(6))
        {
            case 0:
                return Login(random);
            case 1 when at >= 0:
                return $"{login[..at]}@{Text(random, random.Next(1, 12))}.org";
            case 2 when runes.Count > 0:
                runes[random.Next(runes.Count)] = Letter(random);
                break;
            case 3 when runes.Count > 1:
                var i = random.Next(runes.Count - 1);
                (runes[i], runes[i + 1]) = (runes[i + 1], runes[i]);
                break;
            case 4 when runes.Count > 0:
                runes.RemoveAt(random.Next(runes.Count));
                break;
            default:
                runes.Insert(random.Next(runes.Count + 1), Letter(random));
                break;
        }

        return string.Concat(runes);
    }

    private static string Text(Random random, int length)
    {
        var text = new StringBuilder();
        for (var i = 0; i < length; i++)
        {
            text.Append(Letter(random));
        }

        return text.ToString();
    }

    private static Rune Letter(Random random)
    {
        var (first, last) = Blocks[random.Next(Blocks.Length)];
        return new Rune(random.Next(first, last + 1));
    }

    [GeneratedRegex(@"^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?\z")]
    private static partial Regex Label();
}
