using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using TKA.Api.Problems;
using TKA.Contracts.Rest;
using TKA.Contracts.Sessions;
using TKA.Kubernetes.Client;
using TKA.Kubernetes.Sessions;
using TKA.Tailscale.Authentication;

namespace TKA.Api.Sessions;

/// <summary>A session and what state it is in.</summary>
internal readonly record struct SessionSnapshot(TkaSignin? Session, SessionState State);

/// <summary>Reads sessions. Costs the cluster nothing, unless a client waits for a session that is not known here.</summary>
internal sealed class SessionQuery(SessionRepository sessions, ClusterTime time)
{
    private const int DefaultPage = 100;
    private const int LargestPage = 500;

    /// <summary>How long the operator's report of a session may take to arrive here by watch after its answer to a token request.</summary>
    private static readonly TimeSpan WatchLag = TimeSpan.FromSeconds(1);

    // Sessions as they were when their tokens were handed out, while the operator had not reported them ready. The report replaces the object.
    private readonly ConditionalWeakTable<TkaSignin, object> _withToken = [];

    /// <summary>The caller's session of one role, once it is ready or refused, or when the time is up.</summary>
    /// <param name="peer">The caller.</param>
    /// <param name="role">Role of the session; <see langword="null"/>: the base session.</param>
    /// <param name="wait">How long to hold a not-yet answer.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task<SessionSnapshot> OwnAsync(TailscalePeer peer, string? role, TimeSpan wait, CancellationToken cancellationToken)
    {
        var session = Find(peer, role);
        if (wait > TimeSpan.Zero && session.StateAt(time.GetUtcNow()) == SessionState.Over)
        {
            session = await FindAfreshAsync(peer, role, cancellationToken);
        }

        if (session.StateAt(time.GetUtcNow()) == SessionState.Pending)
        {
            if (_withToken.TryGetValue(session!, out _) && wait < WatchLag)
            {
                // Its client has a token already and is told by every other request what the token's answer told it.
                wait = WatchLag;
            }

            await sessions.WaitForAsync(session!.Metadata.Name, now => now.StateAt(time.GetUtcNow()) != SessionState.Pending, wait, cancellationToken);
            session = Find(peer, role);
        }

        return new SessionSnapshot(session, session.StateAt(time.GetUtcNow()));
    }

    /// <summary>Notes that a pending session's token is handed out.</summary>
    public void NoteToken(TkaSignin session) => _withToken.TryAdd(session, this);

    /// <summary>The caller's session of one role, whatever its state; <see langword="null"/> when there is none.</summary>
    /// <param name="peer">The caller.</param>
    /// <param name="role">Role of the session; <see langword="null"/>: the base session.</param>
    public TkaSignin? Find(TailscalePeer peer, string? role)
    {
        var known = sessions.FindBase(peer.LoginName);
        if (string.IsNullOrEmpty(role) || (known?.Spec.Role == role && known.StateAt(time.GetUtcNow()) != SessionState.Over))
        {
            return known;
        }

        return sessions.FindBeside(peer.LoginName, role);
    }

    /// <summary>
    /// The caller's session of one role, read from the cluster and not from the cache. The cache of this replica may not have a session yet
    /// that another replica has just created.
    /// </summary>
    /// <param name="peer">The caller.</param>
    /// <param name="role">Role of the session; <see langword="null"/>: the base session.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<TkaSignin?> FindAfreshAsync(TailscalePeer peer, string? role, CancellationToken cancellationToken)
    {
        try
        {
            await sessions.RefreshAsync(SessionNames.ForLogin(peer.LoginName), cancellationToken);
            if (!string.IsNullOrEmpty(role) && Find(peer, role).StateAt(time.GetUtcNow()) == SessionState.Over)
            {
                await sessions.RefreshAsync(SessionNames.ForRole(peer.LoginName, role), cancellationToken);
            }
        }
        catch (Exception exception) when (exception is KubernetesRequestException or ApiProblemException)
        {
            // The cluster cannot be asked now: the cache decides.
        }

        return Find(peer, role);
    }

    /// <summary>The caller's sessions that are not over: the base session first, then the others by role.</summary>
    public IReadOnlyList<SessionSnapshot> AllOwn(TailscalePeer peer)
    {
        var now = time.GetUtcNow();
        return
        [
            .. sessions.OfPerson(peer.LoginName)
                .Select(session => new SessionSnapshot(session, session.StateAt(now)))
                .Where(snapshot => snapshot.State != SessionState.Over),
        ];
    }

    /// <summary>Everybody's sessions, by name, a page at a time.</summary>
    /// <exception cref="ApiProblemException">400: the limit or the continue token cannot be read.</exception>
    public SessionList List(string? user, string? role, string? limit, string? token)
    {
        var size = PageSize(limit);
        var after = Decode(token);
        var now = time.GetUtcNow();
        var rest = sessions.List()
            .Where(session => session.StateAt(now) != SessionState.Over
                && (string.IsNullOrEmpty(user) || session.IsOwnedBy(user))
                && (string.IsNullOrEmpty(role) || session.Spec.Role == role)
                && string.CompareOrdinal(session.Metadata.Name, after) > 0)
            .OrderBy(session => session.Metadata.Name, StringComparer.Ordinal)
            .Take(size + 1)
            .ToArray();
        var page = rest.Take(size).Select(session => SessionView.Item(session, now)).ToArray();
        return new SessionList { Items = page, Continue = rest.Length > size ? Encode(page[^1].Name) : null };
    }

    /// <summary>Live sessions by role, for metrics.</summary>
    public IEnumerable<(string Role, int Count)> CountByRole()
    {
        var now = time.GetUtcNow();
        return sessions.Known()
            .Where(session => session.StateAt(now) is SessionState.Ready or SessionState.Pending)
            .GroupBy(session => session.Spec.Role)
            .Select(group => (group.Key, group.Count()))
            .ToArray();
    }

    /// <summary>The problem of a refused session.</summary>
    public static ApiProblem Rejection(TkaSignin session)
    {
        var condition = session.ReadyCondition();
        return ApiProblems.SessionRejected(condition?.Reason ?? ConditionReasons.Failed, condition?.Message);
    }

    private static int PageSize(string? limit)
    {
        if (string.IsNullOrEmpty(limit))
        {
            return DefaultPage;
        }

        return int.TryParse(limit, NumberStyles.None, CultureInfo.InvariantCulture, out var size) && size > 0
            ? Math.Min(size, LargestPage)
            : throw Bad($"limit is '{ApiProblems.Printable(limit)}', which is not a number of 1 or more.");
    }

    private static string Encode(string name) => Convert.ToHexStringLower(Encoding.UTF8.GetBytes(name));

    private static string Decode(string? token)
    {
        if (string.IsNullOrEmpty(token))
        {
            return "";
        }

        try
        {
            return Encoding.UTF8.GetString(Convert.FromHexString(token));
        }
        catch (FormatException)
        {
            throw Bad("continue is not a token of this server; start again without it.");
        }
    }

    private static ApiProblemException Bad(string detail) =>
        new(StatusProblems.For(StatusCodes.Status400BadRequest) with { Detail = detail });
}
