using k8s.Models;
using TKA.Contracts.Sessions;
using TKA.Kubernetes.Sessions;

namespace TKA.Operator.Sessions.Access;

/// <summary>The labels that say which session an object belongs to.</summary>
internal static class SessionLabels
{
    /// <summary>Selects every object of any session whose TkaSignin is, or was, in a namespace.</summary>
    public static string SelectorFor(string sessionNamespace) =>
        $"{TkaLabels.ManagedBy}={TkaLabels.ManagedByValue},{TkaLabels.Session},{TkaLabels.SessionNamespace}={sessionNamespace}";

    public static Dictionary<string, string> For(TkaSignin signin) => new()
    {
        [TkaLabels.ManagedBy] = TkaLabels.ManagedByValue,
        [TkaLabels.Session] = signin.Metadata.Name,
        [TkaLabels.SessionOf] = SessionNames.UserSlug(signin.Spec.Username),
        [TkaLabels.SessionUid] = signin.Metadata.Uid,
        [TkaLabels.SessionNamespace] = signin.Metadata.NamespaceProperty,
    };

    public static string? SessionOf(V1ObjectMeta metadata) => Value(metadata, TkaLabels.Session);

    public static string? SessionUidOf(V1ObjectMeta metadata) => Value(metadata, TkaLabels.SessionUid);

    /// <summary>Whether TKA made the object for some session of this name, this one or an earlier one.</summary>
    public static bool IsOfSession(V1ObjectMeta metadata, TkaSignin signin) =>
        Value(metadata, TkaLabels.ManagedBy) == TkaLabels.ManagedByValue
        && SessionOf(metadata) == signin.Metadata.Name
        && Value(metadata, TkaLabels.SessionNamespace) == signin.Metadata.NamespaceProperty;

    private static string? Value(V1ObjectMeta metadata, string label) =>
        metadata.Labels is { } labels && labels.TryGetValue(label, out var value) ? value : null;
}
