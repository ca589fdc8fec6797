using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace TKA.DevEnvironment.Cluster.Authentication;

/// <summary>
/// The ServiceAccount issuer's key and the JWS compact form (RFC 7515). ES256, which Kubernetes accepts next to RS256, because
/// its key takes no noticeable time to generate at start.
/// </summary>
internal sealed class TokenSigningKey : IDisposable
{
    private const string Algorithm = "ES256";

    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly Lock _gate = new();
    private readonly string _header;

    public TokenSigningKey()
    {
        KeyId = Base64Url.EncodeToString(SHA256.HashData(_key.ExportSubjectPublicKeyInfo()));
        _header = Encode(new JsonObject { ["alg"] = Algorithm, ["kid"] = KeyId });
    }

    /// <summary>As Kubernetes derives it: base64url of the SHA-256 of the public key's DER form.</summary>
    public string KeyId { get; }

    /// <summary>Signs claims.</summary>
    public string Sign(JsonObject claims)
    {
        var text = $"{_header}.{Encode(claims)}";
        byte[] signature;
        lock (_gate)
        {
            signature = _key.SignData(Encoding.ASCII.GetBytes(text), HashAlgorithmName.SHA256);
        }

        return $"{text}.{Base64Url.EncodeToString(signature)}";
    }

    /// <summary>The claims of a token that this key signed; null for everything else, malformed tokens included.</summary>
    public JsonObject? Verify(string token)
    {
        var parts = token.Split('.');
        if (parts.Length != 3 || Decode(parts[0]) is not { } header || Decode(parts[1]) is not { } claims)
        {
            return null;
        }
        // The algorithm is fixed here and never taken from the token, so that "none" or HS256 with the public key is refused.
        if (header.Text("alg") != Algorithm || header.Text("kid") != KeyId)
        {
            return null;
        }

        var signature = new byte[64];
        if (!Base64Url.TryDecodeFromChars(parts[2], signature, out var length) || length != signature.Length)
        {
            return null;
        }

        var text = Encoding.ASCII.GetBytes($"{parts[0]}.{parts[1]}");
        lock (_gate)
        {
            return _key.VerifyData(text, signature, HashAlgorithmName.SHA256) ? claims : null;
        }
    }

    public void Dispose() => _key.Dispose();

    private static string Encode(JsonObject json) => Base64Url.EncodeToString(JsonSerializer.SerializeToUtf8Bytes<JsonNode>(json));

    private static JsonObject? Decode(string part)
    {
        try
        {
            return JsonNode.Parse(Base64Url.DecodeFromChars(part)) as JsonObject;
        }
        catch (Exception exception) when (exception is FormatException or JsonException)
        {
            return null;
        }
    }
}
