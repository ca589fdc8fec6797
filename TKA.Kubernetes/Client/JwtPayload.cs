using System.Buffers.Text;
using System.Text.Json;

namespace TKA.Kubernetes.Client;

/// <summary>Claims of a token, unverified: for audit and for sorting out what cannot be meant for us. Never a decision to let somebody in.</summary>
/// <param name="Id"><c>jti</c>, which the cluster's audit log shows as credential id.</param>
/// <param name="Audiences"><c>aud</c>.</param>
/// <param name="ServiceAccountUid">Uid of the ServiceAccount it is bound to.</param>
/// <param name="Expires"><c>exp</c>.</param>
public sealed record JwtPayload(string? Id, IReadOnlyList<string> Audiences, string? ServiceAccountUid, DateTimeOffset? Expires)
{
    /// <summary>Reads the claims of a token; false when it is no JWT.</summary>
    public static bool TryRead(string token, out JwtPayload payload)
    {
        ArgumentNullException.ThrowIfNull(token);
        payload = new JwtPayload(null, [], null, null);
        var parts = token.Split('.');
        if (parts.Length != 3)
        {
            return false;
        }

        try
        {
            using var json = JsonDocument.Parse(Base64Url.DecodeFromChars(parts[1]));
            var claims = json.RootElement;
            if (claims.ValueKind != JsonValueKind.Object)
            {
                return false;
            }

            payload = new JwtPayload(Text(claims, "jti"), ReadAudiences(claims), ReadServiceAccountUid(claims), ReadExpiry(claims));
            return true;
        }
        catch (Exception exception) when (exception is FormatException or JsonException)
        {
            return false;
        }
    }

    private static string[] ReadAudiences(JsonElement claims) => !claims.TryGetProperty("aud", out var aud) ? [] : aud.ValueKind switch
    {
        JsonValueKind.String => [aud.GetString()!],
        JsonValueKind.Array => [.. aud.EnumerateArray().Where(item => item.ValueKind == JsonValueKind.String).Select(item => item.GetString()!)],
        _ => [],
    };

    private static string? ReadServiceAccountUid(JsonElement claims) =>
        claims.TryGetProperty("kubernetes.io", out var kubernetes) && kubernetes.ValueKind == JsonValueKind.Object
        && kubernetes.TryGetProperty("serviceaccount", out var account) && account.ValueKind == JsonValueKind.Object
            ? Text(account, "uid")
            : null;

    private static DateTimeOffset? ReadExpiry(JsonElement claims) =>
        claims.TryGetProperty("exp", out var exp) && exp.ValueKind == JsonValueKind.Number && exp.TryGetInt64(out var seconds)
        && seconds is >= 0 and < 253_402_300_800
            ? DateTimeOffset.FromUnixTimeSeconds(seconds)
            : null;

    private static string? Text(JsonElement parent, string name) =>
        parent.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
