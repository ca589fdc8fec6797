using TKA.Contracts.Rest;
using TKA.Contracts.Sessions;
using TKA.Kubernetes.Caching;
using TKA.Kubernetes.Sessions;
using TKA.Operator.Sessions.Access;

namespace TKA.Operator.Sessions;

/// <summary>
/// How many sessions one person may hold at a time. Every replica of the API counts for itself and may miss what another replica has just
/// created; the operator sees all of them, so it refuses the session that comes last.
/// </summary>
internal sealed class SessionQuota
{
    private const string ByPerson = "person";

    private readonly IResourceCache<TkaSignin> _signins;
    private readonly SessionInventory _inventory;
    private readonly Lock _lock = new();

    // By name, the uid of each session that a pass has let through. Its objects and its status are seen only later.
    private readonly Dictionary<string, string> _admitted = new(StringComparer.Ordinal);

    public SessionQuota(IResourceCache<TkaSignin> signins, SessionInventory inventory)
    {
        _signins = signins;
        _inventory = inventory;
        signins.AddIndex(ByPerson, static signin => [SessionKey.IndexOf(signin)]);
    }

    /// <summary>Lets a session through, once and for all, unless its person holds the most already.</summary>
    /// <param name="signin">The session.</param>
    /// <param name="now">The cluster's time.</param>
    /// <exception cref="SessionRejectedException">The person does. This sign-in stays refused, also when another session ends.</exception>
    public void Require(TkaSignin signin, DateTimeOffset now)
    {
        if (signin.IsRejected() && signin.ReadyCondition() is { Reason: ConditionReasons.TooManySessions } standing)
        {
            throw Rejected(standing.Message ?? "");
        }

        lock (_lock)
        {
            if (IsHeld(signin))
            {
                return;
            }

            var held = _signins.ByIndex(ByPerson, SessionKey.IndexOf(signin)).Count(other =>
                other.Metadata.Name != signin.Metadata.Name
                && other.IsOwnedBy(signin.Spec.Username)
                && other.StateAt(now) != SessionState.Over
                && IsHeld(other));
            if (held >= ApiRoutes.MaxSessionsPerPerson)
            {
                throw Rejected($"{signin.Spec.Username} holds {held} sessions already, the most one person can have at a time; end one of them, then sign in again.");
            }

            _admitted[signin.Metadata.Name] = signin.Metadata.Uid;
        }
    }

    /// <summary>Forgets that a session was let through: it is gone, or was refused for another reason.</summary>
    public void Release(string session)
    {
        lock (_lock)
        {
            _admitted.Remove(session);
        }
    }

    private bool IsHeld(TkaSignin signin) =>
        signin.Status?.Provisioned == true
        || (_admitted.TryGetValue(signin.Metadata.Name, out var uid) && uid == signin.Metadata.Uid)
        || !_inventory.Of(signin.Metadata.Name).IsEmpty;

    private static SessionRejectedException Rejected(string message) => new(ConditionReasons.TooManySessions, message, isCurable: false);
}
