using System.Buffers.Text;
using System.Text;
using System.Text.Json;

namespace TKA.Api.OperatorTokens;

/// <summary>
/// The id (<c>jti</c>) inside a ServiceAccount token. The cluster's audit log names the token by it, so that a record here
/// and one there can be joined. It is no secret, and nothing else of the token is looked at.
/// </summary>
internal static class TokenId
{
    /// <summary>The id as audit logs write it, <c>JTI=…</c>; <see langword="null"/> when the token has none.</summary>
    public static string? Of(string token)
    {
        var parts = token.Split('.');
        if (parts.Length != 3)
        {
            return null;
        }

        try
        {
            var payload = Base64Url.DecodeFromUtf8(Encoding.ASCII.GetBytes(parts[1]));
            using var document = JsonDocument.Parse(payload);
            return document.RootElement.TryGetProperty("jti", out var id) && id.ValueKind == JsonValueKind.String ? $"JTI={id.GetString()}" : null;
        }
        catch (Exception exception) when (exception is FormatException or JsonException or InvalidOperationException)
        {
            return null;
        }
    }
}
