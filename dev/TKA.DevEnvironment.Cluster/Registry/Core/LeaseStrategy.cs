namespace TKA.DevEnvironment.Cluster.Registry.Core;

/// <summary>Leases.</summary>
internal sealed class LeaseStrategy() : BuiltinStrategy("Lease")
{
    protected override void ValidateContent(JsonObject obj, FieldErrors errors)
    {
        var spec = obj.Child("spec");
        if (spec.Integer("leaseDurationSeconds") is <= 0 and var duration)
        {
            errors.Invalid("spec.leaseDurationSeconds", duration, "must be greater than 0");
        }

        if (spec.Integer("leaseTransitions") is < 0 and var transitions)
        {
            errors.Invalid("spec.leaseTransitions", transitions, "must be greater than or equal to 0");
        }

        if (spec?["holderIdentity"] is not null && spec.Text("holderIdentity").Length == 0 && spec["strategy"] is not null)
        {
            errors.Required("spec.holderIdentity");
        }
    }
}
