using System.CommandLine;
using TKA.Cli.Client;
using TKA.Cli.Credentials;
using TKA.Cli.Errors;
using TKA.Cli.Kubeconfigs;
using TKA.Cli.Sessions;
using TKA.Cli.Shells;
using TKA.Cli.Storage;
using TKA.Contracts.Rest;

namespace TKA.Cli.Commands;

/// <summary><c>tka login</c>: signs in, waits until ready, writes a kubeconfig or a context in the user's own.</summary>
internal class LoginCommand : CliCommand
{
    private readonly SessionOptions _session = new();
    private readonly Option<bool> _shell = new("--shell") { Description = "Start a subshell with access that ends with it (tka shell)." };
    private readonly Option<bool> _merge = new("--merge") { Description = "Add a context to your own kubeconfig that gets its token from tka; no token is in the file." };
    private readonly Option<bool> _use = new("--use") { Description = "With --merge: make it the current context until logout." };
    private readonly Option<bool> _autoLogin = new("--auto-login") { Description = "With --merge: let kubectl sign in again when the session is over." };
    private readonly Option<string> _contextName = new("--context-name") { Description = "With --merge: name of the context (default: tka-CLUSTER).", HelpName = "name" };
    private readonly Option<string> _kubeconfig = new("--kubeconfig") { Description = "With --merge: the file to add to (default: as kubectl, $KUBECONFIG or ~/.kube/config).", HelpName = "file" };

    public LoginCommand()
        : this("login", "Sign in and get a kubeconfig.", "signin", "auth")
    {
    }

    protected LoginCommand(string name, string description, params string[] aliases)
        : base(name, description, aliases)
    {
        _session.AddTo(this);
        foreach (var option in (Option[])[_merge, _use, _contextName, _kubeconfig, _autoLogin, _shell])
        {
            Options.Add(option);
        }

        Validators.Add(result =>
        {
            if (result.GetValue(_merge))
            {
                if (result.GetValue(_shell))
                {
                    result.AddError("--merge and --shell exclude each other: a shell has a kubeconfig of its own.");
                }
            }
            else if (result.GetValue(_use) || result.GetValue(_autoLogin) || result.GetValue(_contextName) is not null || result.GetValue(_kubeconfig) is not null)
            {
                result.AddError("--use, --auto-login, --context-name and --kubeconfig need --merge.");
            }
        });
    }

    public override string Details =>
        "Without flags the kubeconfig is a file of its own, mode 0600, that logout removes. With `--merge` a context is added to your own kubeconfig whose token comes from `tka credential`: everything else in the file keeps its bytes, the current context stays what it is unless `--use` is given, and logout removes exactly what was added.";

    public override IReadOnlyList<(string Comment, string Line)> Examples =>
    [
        ("Sign in, and let this shell use the session", "eval \"$(tka login --quiet)\""),
        ("Two hours with a certain role", "tka login --role tka-edit --period 2h"),
        ("A context in your own kubeconfig that renews its token by itself", "tka login --merge --use --auto-login"),
    ];

    /// <summary>Whether a session that exists is ended first.</summary>
    protected virtual bool EndsFirst => false;

    protected override async Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        if (context.Parse.GetValue(_shell))
        {
            return await ShellSession.RunAsync(context, _session, [], null, cancellationToken);
        }

        var request = _session.Request(context.Parse);
        var server = EndsFirst
            ? await context.ResolveSessionServerAsync(context.Parse.GetValue(_session.Cluster), cancellationToken)
            : await context.ResolveServerAsync(context.Parse.GetValue(_session.Cluster), cancellationToken);
        var earlier = SessionStore.FindLogin(server.ToString(), context.Source?.ToString());
        var merge = context.Parse.GetValue(_merge) || (EndsFirst && earlier?.Merged is not null);

        // What cannot be written must not leave a session behind that cannot be used.
        var mergeInto = merge ? context.Parse.GetValue(_kubeconfig) is null && earlier?.Merged is { } before ? before.Path : KubeconfigPath.ForUser(context.Parse.GetValue(_kubeconfig)) : null;
        if (mergeInto is null)
        {
            SessionKubeconfig.EnsureWritable();
        }
        else
        {
            KubeconfigFile.Check(mergeInto);
        }

        using var client = context.CreateClient(server);
        if (EndsFirst)
        {
            await client.LogoutAsync(cancellationToken);
        }

        TokenCache.Drop(server.ToString(), context.Source?.ToString());
        var (session, kubeconfig) = await SignIn.RunAsync(context, client, request, mergeInto is null ? context.Parse.GetValue(_session.Namespace) : null, cancellationToken);
        var record = mergeInto is null
            ? SaveFile(context, client, session, kubeconfig)
            : await MergeAsync(context, client, session, kubeconfig, mergeInto, earlier, cancellationToken);
        SessionReport.Print(context, record, EndsFirst ? "Signed in again" : "Signed in");
        return ExitCode.Success;
    }

    /// <summary>Writes the kubeconfig of a session to a file of its own and remembers it.</summary>
    public static SessionRecord SaveFile(CommandContext context, TkaClient client, SessionResponse session, ServerKubeconfig kubeconfig)
    {
        var record = Describe(context, client, session, kubeconfig);
        var earlier = SessionStore.FindLogin(record.Server, record.Source);
        record = record with { Kubeconfig = SessionKubeconfig.Write(kubeconfig, record.Id), Merged = earlier?.Merged };
        if (earlier?.Kubeconfig is { } old && old != record.Kubeconfig)
        {
            AtomicFile.TryDelete(old);
        }

        SessionStore.Save(record);
        return record;
    }

    private static SessionRecord Describe(CommandContext context, TkaClient client, SessionResponse session, ServerKubeconfig kubeconfig)
    {
        var server = client.Server.ToString();
        var source = context.Source?.ToString();
        return new SessionRecord
        {
            Id = SessionStore.LoginId(server, source),
            Server = server,
            Source = source,
            Username = session.Username,
            Role = session.Role,
            Namespaces = session.Namespaces ?? [],
            Until = session.Until,
            Cluster = kubeconfig.Cluster,
            Context = kubeconfig.Context,
        };
    }

    private async Task<SessionRecord> MergeAsync(
        CommandContext context,
        TkaClient client,
        SessionResponse session,
        ServerKubeconfig kubeconfig,
        string path,
        SessionRecord? earlier,
        CancellationToken cancellationToken)
    {
        var record = Describe(context, client, session, kubeconfig);
        var given = context.Parse.GetValue(_contextName);
        var name = given ?? (earlier?.Merged is { } before && before.Path == path ? before.Name : MergedContext.DefaultName(kubeconfig.Cluster));
        var arguments = new List<string>();
        foreach (var option in (Option<string>[])[_session.Role, _session.Period])
        {
            if (context.Parse.GetValue(option) is { } value)
            {
                arguments.AddRange([option.Name, value]);
            }
        }

        if (context.Parse.GetValue(_autoLogin))
        {
            arguments.Add(_autoLogin.Name);
        }

        var merged = new MergedContext
        {
            Name = name,
            Cluster = kubeconfig,
            TkaServer = client.Server.ToString(),
            Source = context.Source?.ToString(),
            Arguments = arguments,
            Namespace = context.Parse.GetValue(_session.Namespace),
            Use = context.Parse.GetValue(_use),
        };
        try
        {
            record = record with { Merged = await merged.WriteAsync(path, earlier?.Merged, context.Clock, cancellationToken), Context = name };
        }
        catch (Exception exception) when (exception is CliException or OperationCanceledException)
        {
            // A session nothing on this machine can use would only lie around.
            await client.LogoutAsync(CancellationToken.None);
            throw;
        }

        SessionStore.Save(record);
        if (earlier?.Kubeconfig is { } file)
        {
            AtomicFile.TryDelete(file);
        }

        if (earlier?.Merged is { } old && old.Path != path)
        {
            await MergedContext.RemoveAsync(old, context.Clock, cancellationToken);
        }

        return record;
    }
}
