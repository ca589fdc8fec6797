using System.Globalization;
using System.Text.Json.Nodes;
using TKA.DevEnvironment.Cluster.Storage;
using TKA.DevEnvironment.Cluster.Validation;

namespace TKA.DevEnvironment.Cluster.Registry.Core;

/// <summary>Amounts of a rolling update: a number, or a share in percent.</summary>
internal static class RollingUpdateRules
{
    /// <summary>Validates <c>maxSurge</c> and <c>maxUnavailable</c>.</summary>
    public static void Validate(JsonObject? rolling, string path, FieldErrors errors)
    {
        foreach (var field in (string[])["maxUnavailable", "maxSurge"])
        {
            Validate(rolling?[field], $"{path}.{field}", field == "maxUnavailable", errors);
        }
    }

    /// <summary>Validates one amount; absent passes.</summary>
    public static void Validate(JsonNode? amount, string at, bool atMostAll, FieldErrors errors)
    {
        if (amount.AsInteger() is { } number)
        {
            if (number < 0)
            {
                errors.Invalid(at, number, "must be greater than or equal to 0");
            }
        }
        else if (amount is not null && Percent(amount) is not { } percent)
        {
            errors.Invalid(at, amount.DeepClone(), "a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%',  or '93%', regex used for validation is '[0-9]+%')");
        }
        else if (amount is not null && atMostAll && Percent(amount) > 100)
        {
            errors.Invalid(at, amount.DeepClone(), "must not be greater than 100%");
        }
    }

    /// <summary>Whether an amount is nothing.</summary>
    public static bool IsZero(JsonNode? amount) => amount.AsInteger() == 0 || (amount is not null && Percent(amount) == 0);

    private static int? Percent(JsonNode amount) =>
        amount.ToString() is [.. var digits, '%'] && int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var percent) ? percent : null;
}
