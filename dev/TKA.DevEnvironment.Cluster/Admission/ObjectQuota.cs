using System.Globalization;
using System.Text.Json.Nodes;
using TKA.DevEnvironment.Cluster.Http;
using TKA.DevEnvironment.Cluster.Storage;

namespace TKA.DevEnvironment.Cluster.Admission;

/// <summary>
/// Admission plugin <c>ResourceQuota</c>, as far as it counts objects. CPU, memory and scopes limit Pods, of which none can be created here.
/// </summary>
internal sealed class ObjectQuota(IObjectReader objects) : IAdmissionPlugin
{
    /// <summary>Core resources that a quota may name without <c>count/</c>.</summary>
    private static readonly string[] Named = ["configmaps", "persistentvolumeclaims", "pods", "resourcequotas", "secrets", "services"];

    /// <inheritdoc/>
    public void Admit(AdmissionRequest request)
    {
        var info = request.Request;
        if (request.Operation != "CREATE" || info.Namespace.Length == 0 || info.Subresource.Length > 0)
        {
            return;
        }

        foreach (var quota in objects.List("", "resourcequotas", info.Namespace).Where(quota => quota.Child("spec")?["scopes"] is null && quota.Child("spec")?["scopeSelector"] is null))
        {
            Check(quota, request);
        }
    }

    private void Check(JsonObject quota, AdmissionRequest request)
    {
        var info = request.Request;
        var resource = new GroupResource(info.ApiGroup, info.Resource);
        var exceeded = new List<(string Name, int Used, long Limit)>();
        foreach (var (name, limit) in quota.Child("spec").Child("hard") ?? [])
        {
            var counts = name == $"count/{resource}" || (info.ApiGroup.Length == 0 && name == info.Resource && Named.Contains(name));
            if (!counts)
            {
                continue;
            }

            if (!long.TryParse($"{limit}", NumberStyles.None, CultureInfo.InvariantCulture, out var most))
            {
                throw Statuses.NotImplemented($"the amount \"{limit}\" in a quota");
            }

            var used = objects.List(info.ApiGroup, info.Resource, info.Namespace).Count;
            if (used >= most)
            {
                exceeded.Add((name, used, most));
            }
        }

        if (exceeded.Count == 0)
        {
            return;
        }

        throw Statuses.Forbidden(
            resource,
            request.Object!.Name(),
            $"exceeded quota: {quota.Name()}, requested: {Join(e => "1")}, used: {Join(e => $"{e.Used}")}, limited: {Join(e => $"{e.Limit}")}");

        string Join(Func<(string Name, int Used, long Limit), string> value) => string.Join(',', exceeded.Select(e => $"{e.Name}={value(e)}"));
    }
}
