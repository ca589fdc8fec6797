using System.Net;
using System.Net.Http.Json;
using System.Net.Security;
using System.Net.Sockets;
using k8s;
using Microsoft.Extensions.Configuration;
using TKA.Contracts;
using TKA.Contracts.Rest;
using TKA.Tests.Cli;
using TKA.Tests.Infrastructure;
using Xunit;

namespace TKA.Tests.EndToEnd;

/// <summary>The whole loop over HTTPS with a certificate of the tailnet, as in a real installation.</summary>
public sealed class HttpsTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Login_to_kubectl_over_HTTPS_outlives_the_certificate_without_a_restart()
    {
        // Renewed when two thirds are over.
        await using var stack = await StartAsync(TimeSpan.FromSeconds(12));
        var alice = stack.From("127.0.0.1");
        Assert.Equal(Uri.UriSchemeHttps, stack.ApiUri.Scheme);
        await LoginAsync(alice);
        using (var kubectl = new k8s.Kubernetes(await KubeconfigAsync(alice)))
        {
            Assert.NotNull((await kubectl.CoreV1.ListNamespaceAsync(cancellationToken: Cancel)).Items);
        }

        var first = await SerialAsync(stack);
        await Eventually.TrueAsync(async () => await SerialAsync(stack) != first);

        // The connection made under the old certificate goes on; one made now is good under the new one.
        await LoginAsync(alice);
        var fresh = stack.From("127.0.0.1");
        await LoginAsync(fresh);
        await KubeconfigAsync(fresh);
        Assert.Empty(stack.ApiErrors);
    }

    [Fact]
    public async Task The_command_line_works_over_HTTPS_and_tells_when_it_does_not_trust_the_server()
    {
        await using var stack = await StartAsync(null);
        using var home = new CliHome();
        Assert.SkipUnless((await home.RunProgramAsync("unshare", ["-rm", "true"])).ExitCode == 0, "Needs a mount namespace, for a name that leads to loopback.");
        home.Environment["TKA_SERVER"] = stack.ApiUri.ToString();
        home.Environment["TKA_DEV_SOURCE"] = "127.0.0.1";

        var distrusted = await RunAsync("login");
        Assert.Equal(5, distrusted.ExitCode);
        Assert.Contains("certificate", distrusted.Error, StringComparison.OrdinalIgnoreCase);

        home.Environment["SSL_CERT_FILE"] = home.Write("tailnet-ca.pem", stack.Tailnet.Embedded.CertificateAuthorityPem);
        var login = await RunAsync("login", "-o", "json");
        Assert.True(login.ExitCode == 0, login.ToString());
        Assert.Equal("alice@example.com", login.Json.GetProperty("username").GetString());
        Assert.Contains("token:", await File.ReadAllTextAsync(login.Json.GetProperty("kubeconfig").GetString()!, Cancel), StringComparison.Ordinal);
        var logout = await RunAsync("logout");
        Assert.True(logout.ExitCode == 0, logout.ToString());

        Task<CliResult> RunAsync(params string[] arguments)
        {
            var hosts = home.Write("hosts", $"127.0.0.1 localhost {stack.Tailnet.Embedded.DnsName}\n");
            return home.RunProgramAsync("unshare", ["-rm", "sh", "-c", "mount --bind \"$0\" /etc/hosts && exec \"$@\"", hosts, CliBinary.Path, .. arguments]);
        }
    }

    private static Task<TkaStack> StartAsync(TimeSpan? certificateLifetime) => TkaStack.StartAsync(
        Cancel,
        new TkaStackOptions
        {
            CertificateLifetime = certificateLifetime,
            ConfigureApi = builder => builder.Configuration.AddInMemoryCollection([KeyValuePair.Create<string, string?>("tailscale:tls", "true")]),
        });

    private static async Task LoginAsync(HttpClient person)
    {
        using var login = await person.PostAsync(ApiRoutes.Login, null, Cancel);
        Assert.Equal(HttpStatusCode.Accepted, login.StatusCode);
        Assert.NotNull(await login.Content.ReadFromJsonAsync(ContractsJsonContext.Default.SessionResponse, Cancel));
    }

    private static async Task<KubernetesClientConfiguration> KubeconfigAsync(HttpClient person)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, ApiRoutes.Kubeconfig);
        request.Headers.Add("Prefer", "wait=20");
        request.Headers.Add("Accept", "application/yaml");
        using var answer = await person.SendAsync(request, Cancel);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        await using var stream = await answer.Content.ReadAsStreamAsync(Cancel);
        return await KubernetesClientConfiguration.BuildConfigFromConfigFileAsync(stream);
    }

    private static async Task<string> SerialAsync(TkaStack stack)
    {
        using var socket = new TcpClient();
        await socket.ConnectAsync(IPAddress.Loopback, stack.ApiUri.Port, Cancel);
        await using var tls = new SslStream(socket.GetStream(), leaveInnerStreamOpen: false, (_, certificate, _, _) => certificate is not null);
        await tls.AuthenticateAsClientAsync(new SslClientAuthenticationOptions { TargetHost = stack.ApiUri.Host }, Cancel);
        return tls.RemoteCertificate!.GetSerialNumberString();
    }
}
