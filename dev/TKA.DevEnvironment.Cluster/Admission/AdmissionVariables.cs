using TKA.DevEnvironment.Cluster.Authentication;
using TKA.DevEnvironment.Cluster.Cel;

namespace TKA.DevEnvironment.Cluster.Admission;

/// <summary>What expressions of an admission policy see of a request.</summary>
internal static class AdmissionVariables
{
    private static readonly CelType GroupVersionKind = Object(("group", CelType.String), ("version", CelType.String), ("kind", CelType.String));
    private static readonly CelType GroupVersionResource = Object(("group", CelType.String), ("version", CelType.String), ("resource", CelType.String));

    private static readonly CelType User = Object(
        ("username", CelType.String),
        ("uid", CelType.String),
        ("groups", CelType.List(CelType.String)),
        ("extra", CelType.Map(CelType.List(CelType.String))));

    private static readonly CelType Request = Object(
        ("kind", GroupVersionKind),
        ("resource", GroupVersionResource),
        ("subResource", CelType.String),
        ("requestKind", GroupVersionKind),
        ("requestResource", GroupVersionResource),
        ("requestSubResource", CelType.String),
        ("name", CelType.String),
        ("namespace", CelType.String),
        ("operation", CelType.String),
        ("userInfo", User),
        ("dryRun", CelType.Bool),
        ("options", CelType.Dyn));

    /// <summary>Variables of match conditions.</summary>
    public static CelEnvironment Conditions(bool hasParams) => new([.. Common(hasParams)]);

    /// <summary>Variables of validations; <paramref name="composed"/> are the policy's own <c>variables</c> so far.</summary>
    public static CelEnvironment Validations(bool hasParams, IEnumerable<(string Name, CelType Type)> composed) =>
        new([.. Common(hasParams), ("variables", Object(composed))]);

    /// <summary>Values for one request, without params and composed variables.</summary>
    /// <param name="request">The request.</param>
    /// <param name="namespaceObject">Its namespace, or null.</param>
    public static Dictionary<string, object?> Values(AdmissionRequest request, JsonObject? namespaceObject) => new(StringComparer.Ordinal)
    {
        ["object"] = request.Object,
        ["oldObject"] = request.OldObject,
        ["namespaceObject"] = namespaceObject,
        ["request"] = ToJson(request),
    };

    private static IEnumerable<(string Name, CelType Type)> Common(bool hasParams)
    {
        yield return ("object", CelType.Dyn);
        yield return ("oldObject", CelType.Dyn);
        yield return ("namespaceObject", CelType.Dyn);
        yield return ("request", Request);
        if (hasParams)
        {
            yield return ("params", CelType.Dyn);
        }
    }

    /// <summary>An AdmissionRequest without its objects; members that are empty are absent, so that <c>has()</c> can ask for them.</summary>
    private static JsonObject ToJson(AdmissionRequest request)
    {
        var info = request.Request;
        return new JsonObject
        {
            ["kind"] = KindOf(request),
            ["resource"] = ResourceOf(request),
            ["requestKind"] = KindOf(request),
            ["requestResource"] = ResourceOf(request),
            ["operation"] = request.Operation,
            ["userInfo"] = request.User.ToJson(),
            ["dryRun"] = request.DryRun,
        }
            .With("subResource", info.Subresource)
            .With("requestSubResource", info.Subresource)
            .With("namespace", info.Namespace)
            .With("name", info.Name.Length > 0 ? info.Name : request.Object?.Name());
    }

    private static JsonObject KindOf(AdmissionRequest request) =>
        new() { ["group"] = request.Request.ApiGroup, ["version"] = request.Request.ApiVersion, ["kind"] = request.Kind };

    private static JsonObject ResourceOf(AdmissionRequest request) =>
        new() { ["group"] = request.Request.ApiGroup, ["version"] = request.Request.ApiVersion, ["resource"] = request.Request.Resource };

    private static CelType Object(params IEnumerable<(string Name, CelType Type)> fields) =>
        CelType.Object(fields.ToDictionary(field => field.Name, field => field.Type));
}
