using System.ComponentModel;
using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json.Nodes;
using TKA.Contracts.Rest;

namespace TKA.DevEnvironment.Stack;

/// <summary>The loop of the README, without a second terminal: signs the first user in, shows what they may do, signs them out.</summary>
internal static class Demo
{
    private static readonly TimeSpan RevocationPatience = TimeSpan.FromSeconds(15);

    // On a machine that is busy with other things the API says "not now" to keep its own deadlines.
    private static readonly TimeSpan BusyPatience = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan DefaultPause = TimeSpan.FromSeconds(1);

    public static async Task RunAsync(StackFiles files, StackAddresses addresses, TextWriter console, CancellationToken cancellationToken)
    {
        using var http = new HttpClient { BaseAddress = addresses.Server };
        var kubeconfig = Path.Combine(files.Directory, "demo.kubeconfig");

        await console.WriteLineAsync("\n$ tka login");
        using var login = await SendAsync(http, () => new HttpRequestMessage(HttpMethod.Post, ApiRoutes.Login), cancellationToken);
        var session = JsonNode.Parse(await login.Content.ReadAsStringAsync(cancellationToken))!;
        if (!login.IsSuccessStatusCode)
        {
            throw new StackException($"The demo's login was refused: {session["message"] ?? session["detail"]}");
        }

        await console.WriteLineAsync($"signed in as {session["username"]}, role {session["role"]}, until {session["until"]}");
        await FetchKubeconfigAsync(http, kubeconfig, cancellationToken);

        if (!await TryKubectlAsync(console, kubeconfig, cancellationToken, "get", "pods", "-A"))
        {
            await console.WriteLineAsync($"kubectl is not on PATH; the kubeconfig is {kubeconfig}");
            return;
        }

        await TryKubectlAsync(console, kubeconfig, cancellationToken, "delete", "pod", "-n", "team-a", "worker-0");
        await TryKubectlAsync(console, kubeconfig, cancellationToken, "auth", "whoami");

        await console.WriteLineAsync("\n$ tka logout");
        using var logout = await SendAsync(http, () => new HttpRequestMessage(HttpMethod.Post, ApiRoutes.Logout), cancellationToken);
        await console.WriteLineAsync(logout.IsSuccessStatusCode ? "signed out" : $"logout failed: {(int)logout.StatusCode}");
        await WaitForRevocationAsync(kubeconfig, cancellationToken);
        await TryKubectlAsync(console, kubeconfig, cancellationToken, "get", "pods", "-A");
        File.Delete(kubeconfig);
    }

    private static async Task FetchKubeconfigAsync(HttpClient http, string path, CancellationToken cancellationToken)
    {
        using var response = await SendAsync(http, NewRequest, cancellationToken);
        if (response.StatusCode is not HttpStatusCode.OK)
        {
            throw new StackException($"The demo got no kubeconfig: {(int)response.StatusCode}.");
        }

        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        await using var file = new FileStream(path, options);
        await response.Content.CopyToAsync(file, cancellationToken);

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
            if (!later || TimeProvider.System.GetElapsedTime(started) > BusyPatience)
            {
                return response;
            }

            var pause = response.Headers.RetryAfter?.Delta ?? DefaultPause;
            response.Dispose();
            await Task.Delay(pause, TimeProvider.System, cancellationToken);
        }
    }

    private static async Task<bool> TryKubectlAsync(
        TextWriter console, string kubeconfig, CancellationToken cancellationToken, params string[] arguments)
    {
        var start = new ProcessStartInfo("kubectl", arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["KUBECONFIG"] = kubeconfig;
        try
        {
            using var process = Process.Start(start)!;
            var output = process.StandardOutput.ReadToEndAsync(cancellationToken);
            var errors = await process.StandardError.ReadToEndAsync(cancellationToken);
            await process.WaitForExitAsync(cancellationToken);
            await console.WriteAsync($"\n$ kubectl {string.Join(' ', arguments)}\n{await output}{errors}");
            return true;
        }
        catch (Win32Exception)
        {
            return false;
        }
    }

    /// <summary>Logout answers at once; the rights go when the operator has heard of it, a moment later.</summary>
    private static async Task WaitForRevocationAsync(string kubeconfig, CancellationToken cancellationToken)
    {
        var started = TimeProvider.System.GetTimestamp();
        while (TimeProvider.System.GetElapsedTime(started) < RevocationPatience)
        {
            var start = new ProcessStartInfo("kubectl", ["auth", "whoami"]) { RedirectStandardOutput = true, RedirectStandardError = true };
            start.Environment["KUBECONFIG"] = kubeconfig;
            using var process = Process.Start(start)!;
            await process.WaitForExitAsync(cancellationToken);
            if (process.ExitCode != 0)
            {
                return;
            }

            await Task.Delay(TimeSpan.FromMilliseconds(200), TimeProvider.System, cancellationToken);
        }
    }
}
