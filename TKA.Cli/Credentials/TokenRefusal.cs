using System.Net;
using System.Net.Http.Headers;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using TKA.Cli.Client;
using TKA.Cli.Commands;
using TKA.Cli.Errors;

namespace TKA.Cli.Credentials;

/// <summary>
/// Finds out whether a token that a process asks for again was refused. A second question alone proves nothing: client-go asks again after a
/// 401, other clients ask for each connection. The cluster is asked where kubectl says which it is, else the TKA server whether the session
/// is still the same.
/// </summary>
/// <param name="context">The run.</param>
/// <param name="client">The TKA server.</param>
internal sealed class TokenRefusal(CommandContext context, TkaClient client)
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(3);

    /// <summary>Whether the token is no longer good. A server that does not answer says nothing against it.</summary>
    /// <param name="token">The token in the cache.</param>
    /// <param name="role">Role of the session; null: the base session.</param>
    /// <param name="cancellationToken">Cancellation.</param>
    public async Task<bool> IsRefusedAsync(CachedToken token, string? role, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(Limit, context.Clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, limit.Token);
        try
        {
            return await IsRefusedByClusterAsync(token, either.Token) ?? await HasSessionChangedAsync(token, role, either.Token);
        }
        catch (Exception exception) when (exception is CliException || (exception is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            return false;
        }
    }

    private async Task<bool> HasSessionChangedAsync(CachedToken token, string? role, CancellationToken cancellationToken) =>
        await client.GetLoginAsync(role, cancellationToken) is not { } session
        || (token.User.Length > 0 && session.Username != token.User)
        || (token.SessionUntil is { } until && session.Until != until);

    // Any path will do: a bad token is refused before the path is looked at. Null: no cluster is named, or it does not answer.
    private static async Task<bool?> IsRefusedByClusterAsync(CachedToken token, CancellationToken cancellationToken)
    {
        try
        {
            if (ReadCluster() is not { } cluster)
            {
                return null;
            }

            using var handler = new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false, SslOptions = cluster.Tls };
            using var http = new HttpClient(handler);
            using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(cluster.Server, "/version"));
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token.Token);
            using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
            return response.StatusCode == HttpStatusCode.Unauthorized;
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException or JsonException or InvalidOperationException or CryptographicException or FormatException)
        {
            return null;
        }
    }

    // {"spec":{"cluster":{"server":"https://...","certificate-authority-data":"<base64 of PEM>","insecure-skip-tls-verify":true}}}
    // A cluster whose certificate is not to be verified is not asked: only kubectl decides to send a token there.
    private static (Uri Server, SslClientAuthenticationOptions Tls)? ReadCluster()
    {
        using var info = JsonDocument.Parse(Environment.GetEnvironmentVariable(ExecCredentialWriter.Variable) ?? "{}");
        if (!info.RootElement.TryGetProperty("spec", out var spec)
            || !spec.TryGetProperty("cluster", out var cluster)
            || !cluster.TryGetProperty("server", out var text)
            || (cluster.TryGetProperty("insecure-skip-tls-verify", out var skip) && skip.ValueKind == JsonValueKind.True)
            || !Uri.TryCreate(text.GetString(), UriKind.Absolute, out var server))
        {
            return null;
        }

        var tls = new SslClientAuthenticationOptions();
        if (cluster.TryGetProperty("tls-server-name", out var name) && name.GetString() is { Length: > 0 } host)
        {
            tls.TargetHost = host;
        }

        if (cluster.TryGetProperty("certificate-authority-data", out var data) && data.GetString() is { Length: > 0 } authority)
        {
            var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
            policy.CustomTrustStore.ImportFromPem(System.Text.Encoding.UTF8.GetString(Convert.FromBase64String(authority)));
            tls.CertificateChainPolicy = policy;
        }

        return (server, tls);
    }
}
