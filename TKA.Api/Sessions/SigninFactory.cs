using System.Diagnostics;
using k8s.Models;
using TKA.Contracts;
using TKA.Contracts.Sessions;
using TKA.Kubernetes.Sessions;

namespace TKA.Api.Sessions;

/// <summary>Makes the TkaSignins to write. Cached ones are shared, so every change is made on a copy.</summary>
internal static class SigninFactory
{
    private const int MaxNodeName = 253;
    private const int MaxNodeId = 64;

    /// <summary>A new session. Finalizer and annotations are written at once, so that a login costs one request here.</summary>
    public static TkaSignin New(string name, SessionRequest request, string ns, DateTimeOffset now) => new()
    {
        Metadata = new V1ObjectMeta
        {
            Name = name,
            NamespaceProperty = ns,
            Labels = Label(null, request.Username),
            Finalizers = [TkaSigninResource.Finalizer],
            Annotations = Annotate(null, request, now),
        },
        Spec = Spec(request, request.Username),
    };

    /// <summary>The same session, asked for anew: the time counts from now, and what is granted now takes effect.</summary>
    public static TkaSignin Renewed(TkaSignin current, SessionRequest request, DateTimeOffset now) => With(
        current,
        // The login name is immutable; case may differ from the first time.
        Spec(request, current.Spec.Username),
        Annotate(current.Metadata.Annotations, request, now));

    /// <summary>The same session with less: never a later end, because the time still counts from the last login.</summary>
    public static TkaSignin Narrowed(TkaSignin current, TimeSpan period, IReadOnlyList<string> namespaces, DateTimeOffset now)
    {
        var annotations = new Dictionary<string, string>(current.Metadata.Annotations ?? new Dictionary<string, string>())
        {
            [TkaAnnotations.SignInValidUntil] = UtcTimeConverter.ToText(SessionWindow.Of(current, now).Start + period),
        };
        var spec = current.Spec with
        {
            ValidityPeriod = GoDuration.Format(period),
            Namespaces = namespaces.Count > 0 ? namespaces : null,
        };
        return With(current, spec, annotations);
    }

    private static TkaSignin With(TkaSignin current, TkaSigninSpec spec, IDictionary<string, string> annotations) => new()
    {
        Metadata = new V1ObjectMeta
        {
            Name = current.Metadata.Name,
            NamespaceProperty = current.Metadata.NamespaceProperty,
            Uid = current.Metadata.Uid,
            ResourceVersion = current.Metadata.ResourceVersion,
            Labels = Label(current.Metadata.Labels, current.Spec.Username),
            Annotations = annotations,
            Finalizers = current.Metadata.Finalizers,
            OwnerReferences = current.Metadata.OwnerReferences,
        },
        Spec = spec,
        Status = current.Status,
    };

    private static TkaSigninSpec Spec(SessionRequest request, string username) => new()
    {
        Username = username,
        Role = request.Role,
        ValidityPeriod = GoDuration.Format(request.Period),
        Namespaces = request.Namespaces.Count > 0 ? request.Namespaces : null,
        Node = new SigninNode { Name = Cut(request.NodeName, MaxNodeName), StableId = Cut(request.NodeId, MaxNodeId) },
    };

    private static Dictionary<string, string> Label(IDictionary<string, string>? current, string username) =>
        new(current ?? new Dictionary<string, string>(), StringComparer.Ordinal)
        {
            [TkaLabels.ManagedBy] = TkaLabels.ManagedByValue,
            [TkaLabels.SessionOf] = SessionNames.UserSlug(username),
        };

    private static Dictionary<string, string> Annotate(IDictionary<string, string>? current, SessionRequest request, DateTimeOffset now)
    {
        var annotations = new Dictionary<string, string>(current ?? new Dictionary<string, string>(), StringComparer.Ordinal)
        {
            [TkaAnnotations.Username] = request.Username,
            [TkaAnnotations.LastAttemptedSignIn] = UtcTimeConverter.ToText(now),
            [TkaAnnotations.SignInValidUntil] = UtcTimeConverter.ToText(now + request.Period),
        };

        // The installation that granted the latest login is the one that can tell whether the grant still stands.
        annotations.Remove(TkaAnnotations.Installation);
        if (request.Installation.Length > 0)
        {
            annotations[TkaAnnotations.Installation] = request.Installation;
        }

        if (Activity.Current is { IdFormat: ActivityIdFormat.W3C, Id: { } traceParent })
        {
            annotations[TkaAnnotations.TraceParent] = traceParent;
        }

        return annotations;
    }

    private static string Cut(string text, int length) => text.Length <= length ? text : text[..length];
}
