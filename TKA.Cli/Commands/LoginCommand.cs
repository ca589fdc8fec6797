using TKA.Cli.Client;
using TKA.Cli.Configuration;
using TKA.Cli.Kubeconfigs;
using TKA.Cli.Output;
using TKA.Cli.Sessions;
using TKA.Cli.Shells;
using TKA.Cli.Storage;
using TKA.Cli.Terminal;
using TKA.Contracts.Rest;

namespace TKA.Cli.Commands;

/// <summary><c>tka login</c>: signs in, waits until ready, writes a kubeconfig.</summary>
internal sealed class LoginCommand : CliCommand
{
    private readonly SessionOptions _session = new();

    public LoginCommand()
        : base("login", "Sign in and get a kubeconfig.", "signin", "auth") => _session.AddTo(this);

    protected override async Task<int> RunAsync(CommandContext context, CancellationToken cancellation)
    {
        var request = _session.Request(context.Parse);
        var server = await context.ResolveServerAsync(context.Parse.GetValue(_session.Cluster), cancellation);
        using var client = context.CreateClient(server);
        var record = await LoginAsync(context, client, request, context.Parse.GetValue(_session.Namespace), cancellation);
        Report(context, record);
        return ExitCode.Success;
    }

    /// <summary>Signs in and writes the session's kubeconfig and record.</summary>
    public static async Task<SessionRecord> LoginAsync(
        CommandContext context,
        TkaClient client,
        LoginRequest request,
        string? contextNamespace,
        CancellationToken cancellation)
    {
        SessionKubeconfig.EnsureWritable();
        var (session, kubeconfig) = await SignIn.RunAsync(context, client, request, contextNamespace, cancellation);
        return Save(context, client, session, kubeconfig);
    }

    /// <summary>Writes the kubeconfig of a session and remembers it.</summary>
    public static SessionRecord Save(CommandContext context, TkaClient client, SessionResponse session, ServerKubeconfig kubeconfig)
    {
        var server = client.Server.ToString();
        var source = context.Source?.ToString();
        var earlier = SessionStore.FindLogin(server, source);
        var id = SessionStore.LoginId(server, source);
        var path = SessionKubeconfig.Write(kubeconfig, id);
        if (earlier?.Kubeconfig is { } old && old != path)
        {
            AtomicFile.TryDelete(old);
        }

        var record = new SessionRecord
        {
            Id = id,
            Server = server,
            Source = source,
            Username = session.Username,
            Role = session.Role,
            Namespaces = session.Namespaces ?? [],
            Until = session.Until,
            Cluster = kubeconfig.Cluster,
            Kubeconfig = path,
            Context = kubeconfig.Context,
            Merged = earlier?.Merged,
        };
        SessionStore.Save(record);
        return record;
    }

    /// <summary>Tells how to use the session.</summary>
    public static void Report(CommandContext context, SessionRecord record, string title = "Signed in")
    {
        var console = context.Console;
        if (console.Format is OutputFormat.Json or OutputFormat.Yaml)
        {
            console.WriteValue(Output(record), CliJsonContext.Indented.SessionOutput);
            return;
        }

        if (console.Format == OutputFormat.Name)
        {
            CliConsole.WriteLine(record.Kubeconfig!);
            return;
        }

        var evaluatedBy = context.Parse.GetValue(GlobalOptions.Eval);
        var noEval = context.Configuration.Is(ConfigKey.NoEval);
        if (evaluatedBy is not null && !noEval)
        {
            console.SummariesToError = true;
            CliConsole.WriteLine(ShellSyntax.Export(evaluatedBy, "KUBECONFIG", record.Kubeconfig!));
        }
        else if (console.Quiet)
        {
            // What the Go TKA prints, so that eval "$(tka login --quiet)" works with both.
            CliConsole.WriteLine(noEval ? record.Kubeconfig! : ShellSyntax.Export(ShellSyntax.Default, "KUBECONFIG", record.Kubeconfig!));
            return;
        }

        if (console.Quiet)
        {
            return;
        }

        console.Summary(title, Lines(context, record));
        if (evaluatedBy is null || noEval)
        {
            console.NextStep($"Use it:  {ShellSyntax.Export(ShellSyntax.Default, "KUBECONFIG", TkaPaths.ForPeople(record.Kubeconfig!), quote: false)}");
            console.NextStep("         kubectl get pods");
        }
    }

    /// <summary>The session as labelled lines.</summary>
    public static IEnumerable<(string Label, string? Value)> Lines(CommandContext context, SessionRecord record) =>
    [
        ("User", record.Username),
        ("Role", record.Role),
        ("Scope", record.Namespaces.Count == 0 ? "whole cluster" : string.Join(", ", record.Namespaces)),
        ("Cluster", record.Cluster),
        ("Until", RemainingTime.Describe(record.Until, context.Clock)),
        ("Kubeconfig", record.Kubeconfig is null ? null : TkaPaths.ForPeople(record.Kubeconfig)),
        ("Server", context.Long ? record.Server : null),
        ("Context", context.Long ? record.Context : null),
    ];

    /// <summary>The session as JSON.</summary>
    public static SessionOutput Output(SessionRecord record) => new()
    {
        Username = record.Username,
        Role = record.Role,
        Until = record.Until,
        Namespaces = record.Namespaces,
        Cluster = record.Cluster,
        Kubeconfig = record.Kubeconfig,
        Context = record.Context,
        Server = record.Server,
    };
}
