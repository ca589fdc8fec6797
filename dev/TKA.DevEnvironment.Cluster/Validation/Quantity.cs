using System.Globalization;
using System.Text.Json.Nodes;

namespace TKA.DevEnvironment.Cluster.Validation;

/// <summary>Amounts as Kubernetes writes them: <c>1500m</c>, <c>1Gi</c>, <c>2e3</c>.</summary>
internal static class Quantity
{
    private const string Decimal = "numk MGTPE";

    /// <summary>Reads an amount; null when it is none, or too large to calculate with.</summary>
    public static decimal? Parse(JsonNode? node)
    {
        var text = node?.ToString() ?? "";
        var digits = text.Length;
        while (digits > 0 && !char.IsAsciiDigit(text[digits - 1]) && text[digits - 1] != '.')
        {
            digits--;
        }

        // In 2e3 the exponent is a part of the number.
        if (!decimal.TryParse(text.AsSpan(0, digits), NumberStyles.Float, CultureInfo.InvariantCulture, out var number))
        {
            return null;
        }

        try
        {
            return Factor(text[digits..]) is { } factor ? number * factor : null;
        }
        catch (OverflowException)
        {
            return null;
        }
    }

    private static decimal? Factor(string suffix)
    {
        if (suffix.Length == 0)
        {
            return 1;
        }

        if (suffix is [var binary, 'i'])
        {
            var step = "KMGTPE".IndexOf(binary, StringComparison.Ordinal);
            return step < 0 ? null : Power(1024, step + 1);
        }

        var power = suffix.Length == 1 && suffix[0] != ' ' ? Decimal.IndexOf(suffix[0], StringComparison.Ordinal) : -1;
        return power switch
        {
            < 0 => null,
            0 => 0.000_000_001m,
            1 => 0.000_001m,
            2 => 0.001m,
            3 => 1000,
            _ => Power(1000, power - 3),
        };
    }

    private static decimal Power(decimal number, int times)
    {
        var result = 1m;
        for (var i = 0; i < times; i++)
        {
            result *= number;
        }

        return result;
    }
}
