using System.CommandLine;
using TKA.Cli.Client;
using TKA.Cli.Clusters;
using TKA.Cli.Credentials;
using TKA.Cli.Errors;
using TKA.Cli.Kubeconfigs;
using TKA.Cli.Sessions;
using TKA.Cli.Shells;
using TKA.Contracts.Kubeconfig;

namespace TKA.Cli.Commands;

/// <summary><c>tka login</c>: signs in, waits until ready, writes a kubeconfig or a context in the user's own.</summary>
internal class LoginCommand : CliCommand
{
    private readonly SessionOptions _session = new();
    private readonly Argument<string?> _name = new("cluster") { Description = "Cluster to sign in at, like --cluster.", Arity = ArgumentArity.ZeroOrOne };
    private readonly Option<bool> _all = new("--all") { Description = "Sign in at every cluster (with -l: at those it picks) that grants you a role." };
    private readonly Option<string> _selector = ClustersCommand.SelectorOption();
    private readonly Option<bool> _shell = new("--shell") { Description = "Start a subshell with this access (tka shell)." };
    private readonly Option<bool> _merge = new("--merge") { Description = "Add a context to your own kubeconfig that gets its token from tka; no token is in the file." };
    private readonly Option<bool> _use = new("--use") { Description = "With --merge: make it the current context until logout." };
    private readonly Option<bool> _autoLogin = new("--auto-login") { Description = "With --merge: let kubectl sign in again with this context when the session is over; --auto-login=false takes that back." };
    private readonly Option<string> _contextName = new("--context-name") { Description = "With --merge: name of the context (default: tka-CLUSTER, or tka-CLUSTER:ROLE beside the base session).", HelpName = "name" };
    private readonly Option<string> _kubeconfig = new("--kubeconfig") { Description = "With --merge: the file to add to (default: as kubectl, $KUBECONFIG or ~/.kube/config).", HelpName = "file" };
    private readonly Option<string> _execApiVersion = new("--exec-api-version") { Description = "With --merge: version of the protocol for clients that know only one (default: v1).", HelpName = "v1|v1beta1" };

    public LoginCommand()
        : this("login", "Sign in and get a kubeconfig.", "signin", "auth")
    {
    }

    protected LoginCommand(string name, string description, params string[] aliases)
        : base(name, description, aliases)
    {
        Arguments.Add(_name);
        _session.AddTo(this);
        Options.Add(_all);
        Options.Add(_selector);
        _execApiVersion.AcceptOnlyFromAmong("v1", "v1beta1");
        foreach (var option in (Option[])[_merge, _use, _contextName, _kubeconfig, _autoLogin, _execApiVersion, _shell])
        {
            Options.Add(option);
        }

        Validators.Add(result =>
        {
            // Tokens: a value that is still to be typed has none, and reading it would fail.
            var (named, option) = (result.GetResult(_name)?.Tokens is [var first, ..] ? first.Value : null, result.GetResult(_session.Cluster)?.Tokens is [var second, ..] ? second.Value : null);
            if (named is ['-', ..])
            {
                result.AddError($"Unrecognized command or argument '{named}'.");
            }

            if (named is not null && option is not null && named != option)
            {
                result.AddError("Name the cluster once.");
            }

            if (result.GetValue(_all) && ((named ?? option) is not null || result.GetValue(_shell) || result.GetResult(_contextName) is not null || result.GetValue(_use)))
            {
                result.AddError("--all is for several clusters: name none, and leave --shell, --context-name and --use out.");
            }

            if (!result.GetValue(_all) && result.GetResult(_selector) is not null)
            {
                result.AddError("--selector needs --all.");
            }

            if (result.GetValue(_merge))
            {
                if (result.GetValue(_shell))
                {
                    result.AddError("--merge and --shell exclude each other: a shell has a kubeconfig of its own.");
                }
            }
            else if (((Option[])[_use, _autoLogin, _contextName, _kubeconfig, _execApiVersion]).Any(option => result.GetResult(option) is { Implicit: false }))
            {
                result.AddError("--use, --auto-login, --context-name, --kubeconfig and --exec-api-version need --merge.");
            }
        });
    }

    public override string Details =>
        "Without flags the kubeconfig is a file of its own, mode 0600, that logout removes. With `--merge` a context is added to your own kubeconfig whose token comes from `tka credential`: everything else in the file keeps its bytes, the current context stays what it is unless `--use` is given, and logout removes exactly what was added. With `--role` another role than the base session's is a session beside it, with a context of its own; signing in again renews. In a `tka shell` the shell's own session is renewed.";

    public override IReadOnlyList<(string Comment, string Line)> Examples =>
    [
        ("Sign in, and let this shell use the session", "eval \"$(tka login --quiet)\""),
        ("More rights for two hours, beside the base session", "tka login --role tka-edit --period 2h"),
        ("At all development clusters, a context for each", "tka login --all -l env=dev --merge"),
        ("A context in your own kubeconfig that renews its token by itself", "tka login --merge --use --auto-login"),
    ];

    /// <summary>Whether a session that exists is ended first.</summary>
    protected virtual bool EndsFirst => false;

    protected override async Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        var cluster = context.Parse.GetValue(_name) ?? context.Parse.GetValue(_session.Cluster);
        if (context.Parse.GetValue(_shell))
        {
            return await ShellSession.RunAsync(context, _session, [], null, cancellationToken, cluster);
        }

        if (context.Parse.GetValue(_all))
        {
            return await SeveralLogins.RunAsync(context, context.Parse.GetValue(_selector), (server, name) => SignInAsync(context, server, name, cancellationToken), cancellationToken);
        }

        var target = EndsFirst
            ? await context.ResolveSessionServerAsync(cluster, cancellationToken)
            : await context.ResolveServerAsync(cluster, cancellationToken);
        var (signedIn, isRenewed) = await SignInAsync(context, target, cluster, cancellationToken);
        SessionReport.Print(context, signedIn, isRenewed ? "Renewed the session of this shell" : EndsFirst ? "Signed in again" : "Signed in");
        return ExitCode.Success;
    }

    private async Task<(SessionRecord Record, bool IsShells)> SignInAsync(CommandContext context, Uri server, string? cluster, CancellationToken cancellationToken)
    {
        var request = _session.Request(context.Parse);
        var known = SessionStore.Logins(context.Source?.ToString()).FindAll(record => record.Server == server.ToString());
        var expected = known.Find(record => request.Role is null ? !record.IsBeside : record.Role == request.Role);
        var mergeInto = MergeTarget(context, expected);
        EnsureWritable(mergeInto);

        using var client = context.CreateClient(server);
        if (EndsFirst)
        {
            await client.LogoutAsync(request.Role, cancellationToken);
        }

        SessionRecord record;
        ServerKubeconfig kubeconfig;
        try
        {
            (var session, kubeconfig) = await SignIn.RunAsync(context, client, request, mergeInto is null ? context.Parse.GetValue(_session.Namespace) : null, cancellationToken);
            record = LoginRecord.Of(context, client, session, cluster);
            new TokenCache(record.Server, record.Source, record.RoleKey).Drop();
            if (mergeInto is not null)
            {
                await MergeSupport.EnsureAsync(client, record.RoleKey, cancellationToken);
            }
        }
        catch (CliException exception) when (exception.Code == ErrorCodes.ServerTooOld && known.Count == 0)
        {
            // Nothing on this machine knows of the session that such a server gave.
            await client.TryLogoutAsync(null);
            throw;
        }

        ClusterIntroduction.WarnOfOtherName(context, cluster, server, kubeconfig);
        if (known.Count == 0)
        {
            ClusterIntroduction.Show(context, server, kubeconfig);
        }

        if (mergeInto is null && ShellRenewal.TryRenew(record, kubeconfig) is { } renewed)
        {
            return (renewed, true);
        }

        record = mergeInto is null
            ? LoginRecord.SaveFile(record, kubeconfig)
            : await MergeAsync(context, client, record, kubeconfig, mergeInto, cancellationToken);
        ShellRenewal.Spread(record, kubeconfig);
        return (record, false);
    }

    private string? MergeTarget(CommandContext context, SessionRecord? expected) =>
        !context.Parse.GetValue(_merge) && !(EndsFirst && expected?.Merged is not null) ? null
        : context.Parse.GetValue(_kubeconfig) is null && expected?.Merged is { } before ? before.Path
        : KubeconfigPath.ForUser(context.Parse.GetValue(_kubeconfig));

    // What cannot be written must not leave a session behind that cannot be used.
    private static void EnsureWritable(string? mergeInto)
    {
        SessionStore.EnsureUsable();
        if (mergeInto is null)
        {
            SessionKubeconfig.EnsureWritable();
        }
        else
        {
            KubeconfigFile.Check(mergeInto);
        }
    }

    private async Task<SessionRecord> MergeAsync(
        CommandContext context,
        TkaClient client,
        SessionRecord record,
        ServerKubeconfig kubeconfig,
        string path,
        CancellationToken cancellationToken)
    {
        var earlier = SessionStore.FindLogin(record.Server, record.Source, record.RoleKey, record.Username);
        var name = context.Parse.GetValue(_contextName) ?? (earlier?.Merged is { } before && before.Path == path ? before.Name : record.Context!);
        var merged = new MergedContext
        {
            Name = name,
            Cluster = kubeconfig,
            TkaServer = record.Server,
            Source = record.Source,
            Role = record.RoleKey,
            Period = context.Parse.GetValue(_session.Period),
            AutoLogin = context.Parse.GetResult(_autoLogin) is { Implicit: false } ? context.Parse.GetValue(_autoLogin) : null,
            ExecApiVersion = context.Parse.GetValue(_execApiVersion) switch { "v1" => ExecCredential.V1, "v1beta1" => ExecCredential.V1Beta1, _ => null },
            Namespace = context.Parse.GetValue(_session.Namespace),
            Use = context.Parse.GetValue(_use),
        };
        try
        {
            record = record with { Merged = await merged.WriteAsync(path, earlier?.Merged, context.Clock, cancellationToken), Context = name };
        }
        catch (Exception exception) when (earlier is null && exception is CliException or OperationCanceledException)
        {
            // A session nothing on this machine can use would only lie around.
            await client.TryLogoutAsync(record.RoleKey);
            throw;
        }

        // This shell's KUBECONFIG may name the file of an earlier login: without it kubectl here would dial localhost.
        record = SessionInUse.IsInKubeconfigVariable(earlier?.Kubeconfig) && context.Parse.GetValue(GlobalOptions.Eval) is null
            ? record with { Kubeconfig = SessionKubeconfig.Write(kubeconfig, record with { Kubeconfig = earlier!.Kubeconfig }) }
            : record;
        SessionStore.Save(record);
        if (record.Kubeconfig is null && earlier?.Kubeconfig is { } file)
        {
            Storage.AtomicFile.TryDelete(file);
        }

        if (earlier?.Merged is { } old && old.Path != path)
        {
            await MergedContext.RemoveAsync(old, context.Clock, cancellationToken);
        }

        return record;
    }
}
