using System.Globalization;

namespace TKA.DevEnvironment.Cluster.Admission;

/// <summary>Admission plugin <c>ResourceQuota</c> for the number of Pods. A quota of anything else would not be enforced, so it is refused.</summary>
internal sealed class PodQuota(ObjectStore objects) : IAdmissionPlugin
{
    private static readonly string[] Counted = ["pods", "count/pods"];

    public void Admit(AdmissionRequest request)
    {
        switch (request.Request)
        {
            case { ApiGroup: "", Resource: "resourcequotas" } when request.Object is { } quota:
                RequireEnforced(quota);
                break;
            case { ApiGroup: "", Resource: "pods", Subresource: "" } when request.Operation == "CREATE":
                foreach (var quota in objects.List("", "resourcequotas", request.Request.Namespace))
                {
                    Check(quota, request);
                }

                break;
        }
    }

    private static JsonObject Limits(JsonObject quota) => quota.Child("spec").Child("hard") ?? [];

    private static long? Amount(JsonNode? limit) =>
        long.TryParse($"{limit}", NumberStyles.None, CultureInfo.InvariantCulture, out var amount) ? amount : null;

    private static void RequireEnforced(JsonObject quota)
    {
        if (quota.At("spec", "scopes") is not null
            || quota.At("spec", "scopeSelector") is not null
            || Limits(quota).Any(limit => !Counted.Contains(limit.Key) || Amount(limit.Value) is null))
        {
            throw Statuses.NotImplemented("a quota of anything but the number of Pods");
        }
    }

    private void Check(JsonObject quota, AdmissionRequest request)
    {
        var used = objects.List("", "pods", request.Request.Namespace).Count;
        var exceeded = Limits(quota).Where(limit => used >= Amount(limit.Value)).ToList();
        if (exceeded.Count > 0)
        {
            throw Statuses.Forbidden(
                new GroupResource("", "pods"),
                request.Object!.Name(),
                $"exceeded quota: {quota.Name()}, requested: {Join(_ => "1")}, used: {Join(_ => $"{used}")}, limited: {Join(limit => $"{limit}")}");
        }

        string Join(Func<JsonNode?, string> value) => string.Join(',', exceeded.Select(limit => $"{limit.Key}={value(limit.Value)}"));
    }
}
