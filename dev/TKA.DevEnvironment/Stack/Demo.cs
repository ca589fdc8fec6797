using System.Net;
using System.Net.Http.Headers;
using System.Text.Json.Nodes;
using TKA.Contracts.Rest;

namespace TKA.DevEnvironment.Stack;

/// <summary>The loop of the README, without a second terminal: signs the first user in, shows what they may do, signs them out.</summary>
internal static class Demo
{
    private static readonly TimeSpan RevocationTimeout = TimeSpan.FromSeconds(15);

    // On a machine that is busy with other things the API says "not now" to keep its own deadlines.
    private static readonly TimeSpan BusyTimeout = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan DefaultPause = TimeSpan.FromSeconds(1);

    public static async Task RunAsync(StackFiles files, StackAddresses addresses, TextWriter console, CancellationToken cancellationToken)
    {
        using var http = new HttpClient { BaseAddress = addresses.Server };
        var kubeconfig = Path.Combine(files.Directory, "demo.kubeconfig");
        var kubectl = new Kubectl(kubeconfig);
        await console.WriteLineAsync("\n$ tka login");
        using var login = await SendAsync(http, () => new HttpRequestMessage(HttpMethod.Post, ApiRoutes.Login), cancellationToken);
        var session = JsonNode.Parse(await login.Content.ReadAsStringAsync(cancellationToken))!;
        if (!login.IsSuccessStatusCode)
        {
            throw new StackException($"The demo's login was refused: {session["message"] ?? session["detail"]}");
        }

        await console.WriteLineAsync($"signed in as {session["username"]}, role {session["role"]}, until {session["until"]}");
        PrivateFile.Write(kubeconfig, await FetchKubeconfigAsync(http, cancellationToken));
        try
        {
            await ShowAsync(console, kubectl, cancellationToken, "get", "pods", "-A");
        }
        catch (StackException)
        {
            await console.WriteLineAsync($"kubectl is not on PATH; the kubeconfig is {kubeconfig}");
            return;
        }

        await ShowAsync(console, kubectl, cancellationToken, "delete", "pod", "-n", "team-a", "worker-0");
        await ShowAsync(console, kubectl, cancellationToken, "auth", "whoami");
        await console.WriteLineAsync("\n$ tka logout");
        using var logout = await SendAsync(http, () => new HttpRequestMessage(HttpMethod.Post, ApiRoutes.Logout), cancellationToken);
        await console.WriteLineAsync(logout.IsSuccessStatusCode ? "signed out" : $"logout failed: {(int)logout.StatusCode}");
        await WaitForRevocationAsync(kubectl, cancellationToken);
        await ShowAsync(console, kubectl, cancellationToken, "get", "pods", "-A");
        File.Delete(kubeconfig);
    }

    private static async Task<string> FetchKubeconfigAsync(HttpClient http, CancellationToken cancellationToken)
    {
        using var response = await SendAsync(http, NewRequest, cancellationToken);
        return response.StatusCode is HttpStatusCode.OK
            ? await response.Content.ReadAsStringAsync(cancellationToken)
            : throw new StackException($"The demo got no kubeconfig: {(int)response.StatusCode}.");

        static HttpRequestMessage NewRequest()
        {
            var request = new HttpRequestMessage(HttpMethod.Get, ApiRoutes.Kubeconfig);
            request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("application/yaml"));
            request.Headers.Add("Prefer", "wait=15");
            return request;
        }
    }

    /// <summary>Sends a request, again and again as Retry-After says while the API is busy or what was asked for is not ready.</summary>
    private static async Task<HttpResponseMessage> SendAsync(HttpClient http, Func<HttpRequestMessage> newRequest, CancellationToken cancellationToken)
    {
        var started = TimeProvider.System.GetTimestamp();
        while (true)
        {
            using var request = newRequest();
            var response = await http.SendAsync(request, cancellationToken);
            var later = response.StatusCode is HttpStatusCode.ServiceUnavailable or HttpStatusCode.TooManyRequests
                || (response.StatusCode is HttpStatusCode.Accepted && request.Method == HttpMethod.Get);
            if (!later || TimeProvider.System.GetElapsedTime(started) > BusyTimeout)
            {
                return response;
            }

            var pause = response.Headers.RetryAfter?.Delta ?? DefaultPause;
            response.Dispose();
            await Task.Delay(pause, TimeProvider.System, cancellationToken);
        }
    }

    private static async Task ShowAsync(TextWriter console, Kubectl kubectl, CancellationToken cancellationToken, params string[] arguments)
    {
        var (_, output, errors) = await kubectl.TryAsync(arguments, null, cancellationToken);
        await console.WriteAsync($"\n$ kubectl {string.Join(' ', arguments)}\n{output}{errors}");
    }

    /// <summary>Logout answers at once; the rights go when the operator has heard of it, a moment later.</summary>
    private static async Task WaitForRevocationAsync(Kubectl kubectl, CancellationToken cancellationToken)
    {
        var started = TimeProvider.System.GetTimestamp();
        while (TimeProvider.System.GetElapsedTime(started) < RevocationTimeout
            && (await kubectl.TryAsync(["auth", "whoami"], null, cancellationToken)).ExitCode == 0)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(200), TimeProvider.System, cancellationToken);
        }
    }
}
