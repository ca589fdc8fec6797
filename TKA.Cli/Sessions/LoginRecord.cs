using TKA.Cli.Client;
using TKA.Cli.Commands;
using TKA.Cli.Configuration;
using TKA.Cli.Kubeconfigs;
using TKA.Cli.Storage;
using TKA.Contracts.Rest;

namespace TKA.Cli.Sessions;

/// <summary>Records of logins, made from what the server answered.</summary>
internal static class LoginRecord
{
    /// <summary>The record of a session without any file yet.</summary>
    /// <param name="context">The run.</param>
    /// <param name="client">The server.</param>
    /// <param name="session">The session.</param>
    /// <param name="cluster">Name of the cluster that was asked for, if any.</param>
    public static SessionRecord Of(CommandContext context, TkaClient client, SessionResponse session, string? cluster)
    {
        var server = client.Server.ToString();
        var source = context.Source?.ToString();
        var role = SignIn.RoleKey(session);
        var name = cluster ?? ServerAddress.NameOf(client.Server, context.Configuration[ConfigKey.Tailnet]);
        return new SessionRecord
        {
            Id = SessionStore.LoginId(server, source, session.Username, role),
            Server = server,
            Source = source,
            Username = session.Username,
            Role = session.Role,
            IsBeside = role is not null,
            Namespaces = session.Namespaces ?? [],
            Until = session.Until,
            Cluster = name,
            Context = MergedContext.DefaultName(name, role),
        };
    }

    /// <summary>Writes the kubeconfig of a session to a file of its own and remembers it.</summary>
    public static SessionRecord SaveFile(SessionRecord record, ServerKubeconfig kubeconfig)
    {
        var earlier = SessionStore.FindLogin(record.Server, record.Source, record.RoleKey, record.Username);
        record = record with { Kubeconfig = SessionKubeconfig.Write(kubeconfig, record), Merged = earlier?.Merged };
        if (earlier?.Kubeconfig is { } old && old != record.Kubeconfig)
        {
            AtomicFile.TryDelete(old);
        }

        SessionStore.Save(record);
        return record;
    }
}
