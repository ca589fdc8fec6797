using k8s.Models;

namespace TKA.Operator.Runtime.LeaderElection;

/// <summary>Reads and writes the fields of a Lease.</summary>
internal static class LeaseRecord
{
    public static bool IsHeldBy(V1Lease lease, string identity) => lease.Spec?.HolderIdentity == identity;

    public static bool IsFree(V1Lease lease) => string.IsNullOrEmpty(lease.Spec?.HolderIdentity);

    /// <summary>A copy that we hold from now on (or still).</summary>
    public static V1Lease Claim(V1Lease? current, LeaderElectionOptions options, DateTimeOffset now)
    {
        var held = current is not null && IsHeldBy(current, options.Identity);
        return new V1Lease
        {
            Metadata = current?.Metadata ?? new V1ObjectMeta { Name = options.Name, NamespaceProperty = options.Namespace },
            Spec = new V1LeaseSpec
            {
                HolderIdentity = options.Identity,
                LeaseDurationSeconds = (int)Math.Ceiling(options.LeaseDuration.TotalSeconds),
                AcquireTime = held ? current!.Spec.AcquireTime : now.UtcDateTime,
                RenewTime = now.UtcDateTime,
                LeaseTransitions = (current?.Spec?.LeaseTransitions ?? 0) + (held || current is null ? 0 : 1),
            },
        };
    }

    /// <summary>A copy that no replica holds, so that another replica need not wait for it to run out.</summary>
    public static V1Lease Release(V1Lease current, DateTimeOffset now) => new()
    {
        Metadata = current.Metadata,
        Spec = new V1LeaseSpec
        {
            HolderIdentity = "",
            LeaseDurationSeconds = 1,
            AcquireTime = now.UtcDateTime,
            RenewTime = now.UtcDateTime,
            LeaseTransitions = current.Spec.LeaseTransitions,
        },
    };
}
