using k8s.Models;
using Microsoft.Extensions.Options;
using TKA.Contracts;
using TKA.Contracts.Sessions;
using TKA.Kubernetes;
using TKA.Kubernetes.Caching;
using TKA.Kubernetes.Sessions;
using TKA.Operator.Options;
using TKA.Operator.Sessions.Access;

namespace TKA.Operator.Sessions;

/// <summary>
/// Judges what a session asks for before anything is made: period, role, namespaces. The cluster lets a binding to a missing role be made
/// when <c>bind</c> is granted by name, so the roles are watched; that costs a login no request.
/// </summary>
internal sealed class SessionRules(IResourceCache<V1ClusterRole> roles, IOptions<OperatorOptions> options, ILogger<SessionRules> logger)
{
    /// <summary>Throws if a session asks for something that it cannot be given.</summary>
    /// <exception cref="SessionRejectedException">The reason.</exception>
    public void Require(TkaSignin signin, SessionWindow window)
    {
        if (window.Problem is not null)
        {
            throw Rejected(ConditionReasons.InvalidPeriod, window.Problem);
        }

        if (window.Period > options.Value.MaxPeriod)
        {
            throw Rejected(
                ConditionReasons.InvalidPeriod,
                $"validity_period '{signin.Spec.ValidityPeriod}' is over the longest the operator allows ({GoDuration.Format(options.Value.MaxPeriod)}, operator:maxPeriod).");
        }

        var role = signin.Spec.Role;
        if (options.Value.Roles.Refusal(role, signin.Namespaces()) is { } refusal)
        {
            throw Rejected(ConditionReasons.RoleNotAllowed, refusal);
        }

        if (signin.Namespaces().FirstOrDefault(ns => ns == options.Value.Namespace || ns == options.Value.SystemNamespace) is { } own)
        {
            throw Rejected(ConditionReasons.RoleNotAllowed, $"no role is bound in {own}, which holds TKA's own credentials; correct the tailnet policy.");
        }

        if (roles.Get(new ObjectKey(null, role)) is null)
        {
            throw new SessionRejectedException(
                ConditionReasons.RoleNotFound, $"there is no ClusterRole {role} in this cluster; create it or correct the tailnet policy.", isCurable: true);
        }
    }

    /// <summary>Calls back with the name of a role that came or went.</summary>
    public IDisposable Subscribe(Action<string> changed) => roles.Subscribe(change =>
    {
        if (change.Previous is null != change.Current is null)
        {
            changed(change.Key.Name);
        }
    });

    /// <summary>Warns of allowed roles that do not exist.</summary>
    public void WarnOfMissing()
    {
        foreach (var role in options.Value.Roles.Allowed.Where(role => roles.Get(new ObjectKey(null, role)) is null))
        {
            Log.AllowedRoleMissing(logger, role);
        }
    }

    private static SessionRejectedException Rejected(string reason, string message) => new(reason, message, isCurable: false);
}
