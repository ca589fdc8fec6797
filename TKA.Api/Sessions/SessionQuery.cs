using System.Globalization;
using System.Text;
using TKA.Api.Problems;
using TKA.Contracts.Rest;
using TKA.Contracts.Sessions;
using TKA.Kubernetes.Client;
using TKA.Kubernetes.Signins;
using TKA.Tailscale.Authentication;

namespace TKA.Api.Sessions;

/// <summary>A session and what state it is in.</summary>
internal readonly record struct SessionSnapshot(TkaSignin? Session, SessionState State);

/// <summary>Reads sessions. Costs the cluster nothing.</summary>
internal sealed class SessionQuery(SessionStore sessions, ClusterTime time)
{
    private const int DefaultPage = 100;
    private const int LargestPage = 500;

    /// <summary>The caller's session, once it is ready or refused, or when the time is up.</summary>
    /// <param name="peer">The caller.</param>
    /// <param name="patience">How long to hold a not-yet answer.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task<SessionSnapshot> OwnAsync(TailscalePeer peer, TimeSpan patience, CancellationToken cancellationToken)
    {
        var session = sessions.Find(peer.LoginName);
        if (SessionView.State(session, time.GetUtcNow()) == SessionState.Pending)
        {
            await sessions.WaitForAsync(
                SessionNames.ForLogin(peer.LoginName),
                now => SessionView.State(now, time.GetUtcNow()) != SessionState.Pending,
                patience,
                cancellationToken);
            session = sessions.Find(peer.LoginName);
        }

        return new SessionSnapshot(session, SessionView.State(session, time.GetUtcNow()));
    }

    /// <summary>Everybody's sessions, by name, a page at a time.</summary>
    /// <exception cref="ApiProblemException">400: the limit or the continue token cannot be read.</exception>
    public SessionList List(string? user, string? role, string? limit, string? token)
    {
        var size = PageSize(limit);
        var after = Decode(token);
        var now = time.GetUtcNow();
        var rest = sessions.List()
            .Where(session => session.Metadata.DeletionTimestamp is null
                && SessionView.Until(session) > now
                && (string.IsNullOrEmpty(user) || SessionStore.IsOwnedBy(session, user))
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
            .Where(session => SessionView.State(session, now) is SessionState.Ready or SessionState.Pending)
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
