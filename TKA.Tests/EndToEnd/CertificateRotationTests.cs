using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using k8s;
using k8s.Models;
using Microsoft.Extensions.Time.Testing;
using TKA.Contracts.Rest;
using TKA.Operator.Tokens.Certificates;
using TKA.Tests.Infrastructure;
using Xunit;

namespace TKA.Tests.EndToEnd;

/// <summary>The token service's certificate and its CA are replaced while API and operator run, and no login fails.</summary>
public sealed class CertificateRotationTests
{
    private static readonly string[] Names = ["tka-operator", "tka-operator.tka-system", "tka-operator.tka-system.svc", "tka-operator.tka-system.svc.cluster.local", "localhost", "127.0.0.1"];

    private readonly FakeTimeProvider _time = new(TimeProvider.System.GetUtcNow());

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_certificate_and_then_its_CA_are_replaced_without_a_restart()
    {
        Assert.SkipWhen(TestCluster.RealKubeconfig is not null, "runs ahead of the cluster's clock");
        await using var stack = await TkaStack.StartAsync(Cancel, new TkaStackOptions { Time = _time });
        using var alice = stack.From("127.0.0.1");
        await alice.SignInAsync();
        var first = await PublishedAsync(stack);

        // The certificate has come within 30 days of its end: a new one of the same CA.
        var old = CertificateAuthority.Create(Names, _time.GetUtcNow() - TimeSpan.FromDays(70));
        await KeepAsync(stack, old);
        await UntilAsync(stack, async () => await ShownIssuerAsync(stack) == KeyOf(old.CaCertificate), "a certificate of the kept CA is shown");
        Assert.Equal(old.CaCertificate, await PublishedAsync(stack));
        Assert.NotEqual(old.Certificate, Encoding.UTF8.GetString((await SecretAsync(stack)).Data["tls.crt"]));
        await MountAsync(stack);
        await LogInAgainAsync(stack, alice);

        // Somebody has emptied the Secret. The API knows the earlier CA only.
        await KeepAsync(stack, null);
        await UntilAsync(stack, async () => (await PublishedAsync(stack)).Contains(old.CaCertificate, StringComparison.Ordinal) && Count(await PublishedAsync(stack)) == 2, "both CAs are published");
        Assert.Equal(KeyOf(old.CaCertificate), await ShownIssuerAsync(stack));
        await LogInAgainAsync(stack, alice);

        // The kubelet has written the ConfigMap into the API's Pod: it trusts either.
        await MountAsync(stack);
        await LogInAgainAsync(stack, alice);
        await UntilAsync(stack, async () => await ShownIssuerAsync(stack) != KeyOf(old.CaCertificate), "a certificate of the new CA is shown");
        await LogInAgainAsync(stack, alice);

        await UntilAsync(stack, async () => Count(await PublishedAsync(stack)) == 1, "the earlier CA is no longer published");
        await MountAsync(stack);
        await LogInAgainAsync(stack, alice);
        Assert.Equal(await ShownIssuerAsync(stack), KeyOf(await PublishedAsync(stack)));
        Assert.NotEqual(first, await PublishedAsync(stack));
    }

    [Fact]
    public void A_CA_that_ends_before_its_next_certificate_is_replaced_with_it()
    {
        var now = _time.GetUtcNow();
        var old = CertificateAuthority.Create(Names, now - TimeSpan.FromDays(3600));
        var renewed = CertificateAuthority.Renew(old, Names, now);
        Assert.NotEqual(old.CaCertificate, renewed.CaCertificate);
        using var certificate = X509Certificate2.CreateFromPem(renewed.Certificate);
        Assert.True(certificate.NotAfter.ToUniversalTime() > now.AddDays(89).UtcDateTime);
        Assert.InRange(CertificateAuthority.MadeAt(renewed.CaCertificate), now.AddSeconds(-1), now);
    }

    /// <summary>Over a new connection to the token service, which the API makes.</summary>
    private static async Task LogInAgainAsync(TkaStack stack, HttpClient person)
    {
        stack.OperatorProxy.Cut();
        await person.LogoutAsync();
        await person.SignInAsync();
        (await person.GetAsync(ApiRoutes.Kubeconfig, wait: 20)).Expect(200);
    }

    private async Task UntilAsync(TkaStack stack, Func<Task<bool>> condition, string what) => await Eventually.TrueAsync(
        async () =>
        {
            _time.Advance(TimeSpan.FromMinutes(1));
            return await condition();
        },
        what,
        seen: () => string.Join('\n', stack.OperatorLogs.Lines.TakeLast(5).Select(line => $"{line.Message} {line.Exception?.Message}")));

    /// <summary>What a kubelet does with a ConfigMap that a Pod mounts.</summary>
    private static async Task MountAsync(TkaStack stack) =>
        await File.WriteAllTextAsync(stack.ApiConfiguration["operator:tokenService:caFile"]!, await PublishedAsync(stack), Cancel);

    private static async Task<string> PublishedAsync(TkaStack stack) =>
        (await stack.Cluster.Admin.CoreV1.ReadNamespacedConfigMapAsync(CertificateManager.ConfigMapName, stack.Installed.SystemNamespace, cancellationToken: Cancel)).Data["ca.crt"];

    private static Task<V1Secret> SecretAsync(TkaStack stack) =>
        stack.Cluster.Admin.CoreV1.ReadNamespacedSecretAsync(CertificateManager.SecretName, stack.Installed.SystemNamespace, cancellationToken: Cancel);

    private static async Task KeepAsync(TkaStack stack, CertificateBundle? bundle)
    {
        var secret = await SecretAsync(stack);
        secret.Data = bundle is null
            ? null
            : new Dictionary<string, string> { ["ca.crt"] = bundle.CaCertificate, ["ca.key"] = bundle.CaKey, ["tls.crt"] = bundle.Certificate, ["tls.key"] = bundle.Key }
                .ToDictionary(pair => pair.Key, pair => Encoding.UTF8.GetBytes(pair.Value));
        await stack.Cluster.Admin.CoreV1.ReplaceNamespacedSecretAsync(secret, CertificateManager.SecretName, stack.Installed.SystemNamespace, cancellationToken: Cancel);
    }

    /// <summary>Key identifier of the CA that issued what the token service shows now.</summary>
    private static async Task<string> ShownIssuerAsync(TkaStack stack)
    {
        using var tcp = new TcpClient();
        await tcp.ConnectAsync("127.0.0.1", stack.OperatorProxy.Uri.Port, Cancel);
        await using var tls = new SslStream(tcp.GetStream(), false, (_, _, _, _) => true);
        await tls.AuthenticateAsClientAsync(new SslClientAuthenticationOptions { TargetHost = "tka-operator" }, Cancel);
        using var shown = X509CertificateLoader.LoadCertificate(tls.RemoteCertificate!.GetRawCertData());
        return Convert.ToHexString(shown.Extensions.OfType<X509AuthorityKeyIdentifierExtension>().Single().KeyIdentifier!.Value.Span);
    }

    private static string KeyOf(string pem)
    {
        using var ca = X509Certificate2.CreateFromPem(pem);
        return ca.Extensions.OfType<X509SubjectKeyIdentifierExtension>().Single().SubjectKeyIdentifier!;
    }

    private static int Count(string pem) => pem.Split("BEGIN CERTIFICATE").Length - 1;
}
