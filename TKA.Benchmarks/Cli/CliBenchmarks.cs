using System.Diagnostics;
using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using TKA.DevEnvironment.Cluster;

namespace TKA.Benchmarks.Cli;

/// <summary>
/// Start-up and memory of the native <c>tka</c> beside <c>kubectl version --client</c> in the same run. Each figure is the median
/// of rounds that take turns, a round being many runs in one small shell, so that neither .NET's process start nor the machine's mood counts.
/// </summary>
internal static class CliBenchmarks
{
    private const int Rounds = 9;
    private const int RunsPerRound = 20;

    /// <summary>Runs it; the first argument is the binary, else the one of <c>TKA_CLI_BINARY</c> or of the tests.</summary>
    public static async Task<int> RunAsync(string[] args)
    {
        var binary = args.Length > 0 ? args[0] : Environment.GetEnvironmentVariable("TKA_CLI_BINARY") ?? "artifacts/cli-test/tka";
        if (!File.Exists(binary))
        {
            Console.Error.WriteLine($"{binary} is missing. Publish it: dotnet publish TKA.Cli -c Release -r linux-x64 -o artifacts/cli-test");
            return 1;
        }

        binary = Path.GetFullPath(binary);
        var home = Directory.CreateTempSubdirectory("tka-bench-").FullName;
        await using var cluster = await EmbeddedCluster.StartAsync(new EmbeddedClusterOptions(), CancellationToken.None);
        await using var server = await StartServerAsync(cluster.AdminToken);
        var url = server.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
        var (withToken, withPlugin) = WriteKubeconfigs(home, cluster, binary, url);
        (string Name, string Command)[] commands =
        [
            ("kubectl version --client", "kubectl version --client"),
            ("tka --version", $"{binary} --version"),
            ("tka credential (warm cache)", $"{binary} credential --server {url}"),
            ("tka credential (cold: asks a server)", $"rm -rf {home}/.cache/tka; {binary} credential --server {url}"),
            ("tka __complete (Tab key)", $"{binary} __complete config output."),
            ("kubectl get ns (static token)", $"kubectl --kubeconfig {withToken} get ns"),
            ("kubectl get ns (tka as exec plugin)", $"kubectl --kubeconfig {withPlugin} get ns"),
            ("true (a process at all)", "/bin/true"),
        ];

        var times = commands.ToDictionary(command => command.Name, _ => new List<(double Wall, double Cpu)>());
        for (var round = 0; round <= Rounds; round++)
        {
            foreach (var (name, command) in commands)
            {
                var time = Round(command, home);
                if (round > 0)
                {
                    times[name].Add(time);
                }
            }
        }

        Console.WriteLine($"{"",-38} {"elapsed",9} {"of kubectl",11} {"processor",9} {"of kubectl",11} {"peak memory",12}");
        var kubectl = Median(times[commands[0].Name]);
        foreach (var (name, command) in commands)
        {
            var (wall, cpu) = Median(times[name]);
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{name,-38} {wall,6:0.0} ms {wall / kubectl.Wall,10:0.000}x {cpu,6:0.0} ms {cpu / kubectl.Cpu,10:0.000}x {Memory(command, home),12}"));
        }

        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"binary: {new FileInfo(binary).Length / 1024.0 / 1024.0:0.0} MB"));
        Directory.Delete(home, recursive: true);
        return 0;
    }

    // Processor time beside elapsed time: it stays true on a machine that is busy with other things.
    private static (double Wall, double Cpu) Round(string command, string home)
    {
        var started = Stopwatch.GetTimestamp();
        var output = Shell($"i=0; while [ $i -lt {RunsPerRound} ]; do {{ {command}; }} >/dev/null || exit 1; i=$((i+1)); done; times", home);
        var wall = Stopwatch.GetElapsedTime(started).TotalMilliseconds / RunsPerRound;

        // The second line of times is that of the children: "0m0.240000s 0m0.310000s".
        var cpu = output.TrimEnd().Split('\n')[^1].Split(' ').Sum(time =>
        {
            var parts = time.TrimEnd('s').Split('m');
            return (double.Parse(parts[0], CultureInfo.InvariantCulture) * 60) + double.Parse(parts[1], CultureInfo.InvariantCulture);
        });
        return (wall, cpu * 1000 / RunsPerRound);
    }

    // From the kernel's own account of the child, by way of a small process: a child of .NET would be charged with .NET's memory at fork.
    private static string Memory(string command, string home)
    {
        if (!File.Exists("/usr/bin/time"))
        {
            return "apt: time";
        }

        var (before, program) = command.Split("; ") is [var first, var second] ? (first, second) : ("true", command);
        var output = Shell($"{before}; /usr/bin/time -f %M -o {home}/memory {program} >/dev/null; cat {home}/memory", home);
        return string.Create(CultureInfo.InvariantCulture, $"{int.Parse(output.Trim(), CultureInfo.InvariantCulture) / 1024.0:0.0} MB");
    }

    private static string Shell(string script, string home)
    {
        var start = new ProcessStartInfo("/bin/sh", ["-c", script]) { RedirectStandardOutput = true };
        start.Environment["HOME"] = home;
        foreach (var variable in (string[])["XDG_CACHE_HOME", "XDG_STATE_HOME", "XDG_CONFIG_HOME", "KUBECONFIG", "TKA_DEV_SOURCE"])
        {
            start.Environment.Remove(variable);
        }

        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0 ? output : throw new InvalidOperationException($"It failed: {script}");
    }

    private static (double Wall, double Cpu) Median(List<(double Wall, double Cpu)> values) => (
        values.Select(value => value.Wall).Order().ElementAt(values.Count / 2),
        values.Select(value => value.Cpu).Order().ElementAt(values.Count / 2));

    /// <summary>What users feel: the same request with the token in the file, and with <c>tka credential</c> asked for it.</summary>
    private static (string WithToken, string WithPlugin) WriteKubeconfigs(string home, EmbeddedCluster cluster, string binary, string url)
    {
        var withToken = Path.Combine(home, "token.kubeconfig");
        File.WriteAllText(withToken, cluster.AdminKubeconfig);
        var withPlugin = Path.Combine(home, "plugin.kubeconfig");
        File.WriteAllText(withPlugin, $"""
            apiVersion: v1
            kind: Config
            clusters:
            - name: bench
              cluster:
                server: {cluster.Uri}
                certificate-authority-data: {Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes(cluster.CaPem))}
            users:
            - name: bench
              user:
                exec:
                  apiVersion: client.authentication.k8s.io/v1
                  command: {binary}
                  args: [credential, --server, "{url}"]
                  interactiveMode: Never
            contexts:
            - name: bench
              context:
                cluster: bench
                user: bench
            current-context: bench
            """);
        return (withToken, withPlugin);
    }

    private static async Task<WebApplication> StartServerAsync(string token)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        app.Run(async http =>
        {
            http.Response.ContentType = "application/json";
            await http.Response.WriteAsync("""{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","status":{"token":"TOKEN","expirationTimestamp":"2999-01-01T00:00:00Z"}}""".Replace("TOKEN", token, StringComparison.Ordinal));
        });
        await app.StartAsync();
        return app;
    }
}
