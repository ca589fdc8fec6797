using Microsoft.AspNetCore.Http;
using TKA.Cli.Errors;
using TKA.Contracts.Rest;
using TKA.Tests.Infrastructure;
using ClusterEntry = TKA.Contracts.Orchestrator.Cluster;

namespace TKA.Tests.Cli;

/// <summary>One way to meet each error, by its stable name. <c>docs/troubleshooting.md</c> has a row for each.</summary>
internal static class ErrorCatalogue
{
    public static IReadOnlyDictionary<string, ErrorCase> Cases { get; } = new Dictionary<string, ErrorCase>
    {
        [ErrorCodes.Usage] = new(2, Run("login", "--no-such-flag")),
        [ErrorCodes.Unexpected] = new(1, async scene =>
        {
            // By its nature nobody knows how to provoke it: a known way would have an error of its own. What stays is a machine that has
            // run out of something. Which number of open files lets tka begin but not go on depends on the runtime.
            var result = await scene.Home.RunAsync("version", "-o", "json");
            for (var files = 4; !result.Error.Contains(ErrorCodes.Unexpected, StringComparison.Ordinal) && files < 10; files++)
            {
                result = await scene.Home.RunProgramAsync("/bin/sh", ["-c", $"ulimit -n {files}; exec {CliBinary.Path} version -o json"]);
            }

            return result;
        }),
        [ErrorCodes.Interrupted] = new(130, async scene =>
        {
            scene.Server.Ready = new TaskCompletionSource().Task;
            using var process = scene.Home.Start(CliBinary.Path, ["login", "-o", "json"]);
            await Eventually.TrueAsync(() => scene.Server.Requests.Count >= 2);
            return await Signals.SendAsync(process, "INT");
        }),
        [ErrorCodes.ConfigUnreadable] = new(7, async scene =>
        {
            var path = scene.Home.Write(".config/tka/config.yaml", "output:\n  theme: [dark\n");
            var result = await scene.Home.RunAsync("status", "-o", "json");
            scene.Unchanged(path, "output:\n  theme: [dark\n");
            return result;
        }),
        [ErrorCodes.ConfigInvalidValue] = new(7, async scene =>
        {
            scene.Home.Write(".config/tka/config.yaml", "output:\n  theme: neon\n");
            return await scene.Home.RunAsync("status", "-o", "json");
        }),
        [ErrorCodes.ConfigMissing] = new(7, Run("config", "output.theme", "dark")),
        [ErrorCodes.ConfigUnwritable] = new(7, async scene =>
        {
            scene.Home.Write(".config/tka", "a file where the directory should be");
            return await scene.Home.RunAsync("config", "output.theme", "dark", "--force", "-o", "json");
        }),
        [ErrorCodes.ServerAddressInvalid] = new(2, Run("status", "-s", "http://host/with/path")),
        [ErrorCodes.SourceAddressInvalid] = new(2, scene =>
        {
            scene.Home.Environment["TKA_DEV_SOURCE"] = "198.51.100.77";
            return scene.Home.RunAsync("status", "-o", "json");
        }),
        [ErrorCodes.ServerNameUnknown] = new(5, Run("status", "-s", "http://no-such-host.invalid")),
        [ErrorCodes.ServerRefused] = new(5, Run("status", "-s", "http://127.0.0.1:1")),
        [ErrorCodes.ServerNoRoute] = new(5, Run("status", "-s", "http://255.255.255.255")),
        [ErrorCodes.ServerTimeout] = new(5, async scene =>
        {
            scene.Server.Intercept = async http =>
            {
                await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, http.RequestAborted).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                return true;
            };
            return await scene.Home.RunAsync("status", "--timeout", "1s", "-o", "json");
        }),
        [ErrorCodes.ServerTls] = new(5, async scene =>
        {
            using var authority = new TestAuthority();
            await using var listener = new TlsListener(authority.Issue("localhost"));
            return await scene.Home.RunAsync("status", "-o", "json", "-s", $"https://localhost:{listener.Port}");
        }),
        [ErrorCodes.ServerBroken] = new(5, async scene =>
        {
            scene.Server.Intercept = http =>
            {
                http.Abort();
                return Task.FromResult(true);
            };
            return await scene.Home.RunAsync("status", "-o", "json");
        }),
        [ErrorCodes.ServerNotTka] = new(5, async scene =>
        {
            scene.Server.Intercept = async http =>
            {
                http.Response.ContentType = "text/html";
                await http.Response.WriteAsync("<html>nginx</html>");
                return true;
            };
            return await scene.Home.RunAsync("status", "-o", "json");
        }),
        [ErrorCodes.ServerMisdirected] = new(5, Status(421)),
        [ErrorCodes.ServerUnavailable] = new(5, Status(503)),
        [ErrorCodes.ServerBusy] = new(1, Status(429)),
        [ErrorCodes.ServerError] = new(1, Status(500)),
        [ErrorCodes.NotSignedIn] = new(3, Run("status")),
        [ErrorCodes.AccessRefused] = new(4, Status(403)),
        [ErrorCodes.IdentityRefused] = new(4, scene =>
        {
            scene.Server.Intercept = http => FakeTkaServer.ProblemAsync(http, 400, "ci is a tagged node.", ["Use a device of yours."]);
            return scene.Home.RunAsync("login", "-o", "json");
        }),
        [ErrorCodes.SessionRejected] = new(4, async scene =>
        {
            scene.Server.Intercept = http =>
            {
                if (http.Request.Method == "GET" && scene.Server.Session is { } session)
                {
                    scene.Server.Session = session with { Status = SessionStatus.Rejected, Reason = "RoleNotAllowed", Message = "The operator may not bind the role view." };
                }

                return Task.FromResult(false);
            };
            return await scene.Home.RunAsync("login", "-o", "json");
        }),
        [ErrorCodes.RequestInvalid] = new(2, Run("login", "--period", "9h")),
        [ErrorCodes.SessionUnknown] = new(1, Run("sessions", "end", "nobody")),
        [ErrorCodes.SessionLimit] = new(1, scene =>
        {
            scene.Server.Rules = [.. scene.Server.Rules, .. Enumerable.Range(0, 8).Select(number => new TKA.Contracts.Capabilities.CapabilityRule { Role = $"r{number}", Period = TimeSpan.FromHours(1) })];
            for (var number = 0; number < 8; number++)
            {
                scene.Server.Beside[$"r{number}"] = scene.Server.MakeSession($"r{number}", isBase: false);
            }

            return scene.Home.RunAsync("login", "--role", "edit", "-o", "json");
        }),
        [ErrorCodes.SessionOfAnother] = new(4, async scene =>
        {
            await scene.Home.RunAsync("login", "--merge");
            scene.Server.Person = "bob@example.com";
            var result = await scene.Home.RunAsync("logout", "-o", "json");
            return result with { Output = "" };
        }),
        [ErrorCodes.ServerTooOld] = new(1, async scene =>
        {
            scene.Server.IsGo = true;
            var result = await scene.Home.RunAsync("login", "--role", "edit", "-o", "json");
            scene.NothingSignedIn();
            return result;
        }),
        [ErrorCodes.NotReady] = new(6, async scene =>
        {
            scene.Server.Ready = new TaskCompletionSource().Task;
            return await scene.Home.RunAsync("login", "--timeout", "5s", "-o", "json");
        }),
        [ErrorCodes.ClockSkew] = new(1, async scene =>
        {
            // The server lives an hour ago.
            scene.Server.Clock = new OffsetClock(TimeSpan.FromHours(-1));
            scene.Server.Session = scene.Server.MakeSession(period: TimeSpan.FromMinutes(30));
            scene.Server.Intercept = http =>
            {
                http.Response.Headers.Date = scene.Server.Clock.GetUtcNow().ToString("R");
                return Task.FromResult(false);
            };
            return await scene.Home.RunAsync("credential", "-o", "json");
        }),
        [ErrorCodes.KubeconfigInvalid] = new(7, async scene =>
        {
            var path = scene.Home.Write(".kube/config", "clusters: {not: a list}\n");
            var result = await scene.Home.RunAsync("login", "--merge", "-o", "json");
            scene.Unchanged(path, "clusters: {not: a list}\n");
            scene.NothingSignedIn();
            return result;
        }),
        [ErrorCodes.KubeconfigUnwritable] = new(7, async scene =>
        {
            var result = await scene.Home.RunAsync("login", "--merge", "--kubeconfig", "/proc/config", "-o", "json");
            scene.NothingSignedIn();
            return result;
        }),
        [ErrorCodes.KubeconfigLocked] = new(7, async scene =>
        {
            var path = scene.Home.Write(".kube/config", "kind: Config\n");
            scene.Home.Write(".kube/config.lock", "");
            var result = await scene.Home.RunAsync("login", "--merge", "-o", "json");
            scene.Unchanged(path, "kind: Config\n");
            scene.NothingSignedIn();
            return result;
        }),
        [ErrorCodes.KubeconfigConflict] = new(7, async scene =>
        {
            const string Theirs = "contexts:\n- name: tka-127.0.0.1\n  context: {cluster: mine, user: me}\n";
            var path = scene.Home.Write(".kube/config", Theirs);
            var result = await scene.Home.RunAsync("login", "--merge", "-o", "json");
            scene.Unchanged(path, Theirs);
            scene.NothingSignedIn();
            return result;
        }),
        [ErrorCodes.KubeconfigFromServer] = new(1, async scene =>
        {
            scene.Server.Token = _ => "";
            return await scene.Home.RunAsync("login", "-o", "json");
        }),
        [ErrorCodes.StateUnwritable] = new(7, async scene =>
        {
            scene.Home.Write(".local/state/tka", "a file where the directory should be");
            var result = await scene.Home.RunAsync("login", "-o", "json");
            scene.NothingSignedIn();
            return result;
        }),
        [ErrorCodes.DiskFull] = new(7, async scene =>
        {
            // No file may grow beyond nothing: a full disk for this process alone.
            var path = scene.Home.Write(".kube/config", "kind: Config\n");
            var result = await scene.Home.RunProgramAsync("/bin/sh", ["-c", $"trap '' XFSZ; ulimit -f 0; exec {CliBinary.Path} login -o json"]);
            scene.Unchanged(path, "kind: Config\n");
            scene.NothingSignedIn();
            return result;
        }),
        [ErrorCodes.OrchestratorUnset] = new(7, Run("clusters")),
        [ErrorCodes.ClusterUnknown] = new(1, scene => scene.Home.RunAsync("login", "--cluster", "nowhere", "--orchestrator", scene.Server.Url.ToString(), "-o", "json")),
        [ErrorCodes.ClusterWithoutTka] = new(1, scene =>
        {
            scene.Server.Clusters.Add(new ClusterEntry { Name = "bare", ApiEndpoint = "https://k" });
            return scene.Home.RunAsync("login", "--cluster", "bare", "--orchestrator", scene.Server.Url.ToString(), "-o", "json");
        }),
        [ErrorCodes.SessionAmbiguous] = new(2, async scene =>
        {
            await using var second = await FakeTkaServer.StartAsync(CancellationToken.None);
            await scene.Home.RunAsync("login");
            await scene.Home.RunAsync("login", "-s", second.Url.ToString());
            scene.Home.Environment.Remove("TKA_SERVER");
            return await scene.Home.RunAsync("logout", "-o", "json");
        }),
        [ErrorCodes.NestedShell] = new(2, scene =>
        {
            scene.Home.Environment["TKA_SHELL"] = "alice@example.com view@prod";
            return scene.Home.RunAsync("shell", "-o", "json");
        }),
        [ErrorCodes.CommandNotFound] = new(127, async scene =>
        {
            var result = await scene.Home.RunAsync("exec", "-o", "json", "--", "no-such-command");
            scene.NothingSignedIn();
            return result;
        }),
        [ErrorCodes.CommandNotExecutable] = new(126, async scene =>
        {
            var path = scene.Home.Write("text", "no program");
            var result = await scene.Home.RunAsync("exec", "-o", "json", "--", path);
            scene.NothingSignedIn();
            return result;
        }),
        [ErrorCodes.ShellUnknown] = new(2, Run("shell", "--shell", "no-such-shell")),
    };

    private static Func<ErrorScene, Task<CliResult>> Run(params string[] args) => scene => scene.Home.RunAsync([.. args, "-o", "json"]);

    private static Func<ErrorScene, Task<CliResult>> Status(int status) => async scene =>
    {
        scene.Server.Intercept = async http =>
        {
            http.Response.StatusCode = status;
            await http.Response.CompleteAsync();
            return true;
        };
        return await scene.Home.RunAsync("login", "-o", "json");
    };
}

/// <summary>How an error is met, and the exit code it has.</summary>
internal sealed record ErrorCase(int ExitCode, Func<ErrorScene, Task<CliResult>> Run);

/// <summary>A home and a server for one error.</summary>
internal sealed record ErrorScene(CliHome Home, FakeTkaServer Server)
{
    /// <summary>The user's file was not touched.</summary>
    public void Unchanged(string path, string content) => Xunit.Assert.Equal(content, File.ReadAllText(path));

    /// <summary>No session lies around that nothing can use.</summary>
    public void NothingSignedIn() => Xunit.Assert.Null(Server.Session);
}

/// <summary>The system's clock, wrong by a fixed time.</summary>
internal sealed class OffsetClock(TimeSpan offset) : TimeProvider
{
    public override DateTimeOffset GetUtcNow() => System.GetUtcNow() + offset;
}
