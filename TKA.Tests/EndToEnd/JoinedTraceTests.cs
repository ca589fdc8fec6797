using System.Diagnostics;
using System.Net;
using TKA.Contracts.Rest;
using TKA.Tests.Infrastructure;
using Xunit;
using Span = TKA.Tests.EndToEnd.OtlpCollector.Span;
using SpanKind = TKA.Tests.EndToEnd.OtlpCollector.SpanKind;

namespace TKA.Tests.EndToEnd;

/// <summary>One login is one trace, from the client through API and operator to every request to Kubernetes, as the services export it.</summary>
public sealed class JoinedTraceTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_login_is_one_trace_from_the_client_to_Kubernetes()
    {
        await using var collector = await OtlpCollector.StartAsync();
        await using var stack = await TkaStack.StartAsync(
            Cancel,
            new TkaStackOptions { ApiSettings = collector.SettingsFor("tka-api"), OperatorSettings = collector.SettingsFor("tka-operator") });

        // A client that traces: its HttpClient makes a span of each request and sends its id.
        using var command = new Activity("tka login") { ActivityTraceFlags = ActivityTraceFlags.Recorded };
        command.SetIdFormat(ActivityIdFormat.W3C).Start();
        var (trace, client) = (command.TraceId.ToHexString(), command.SpanId.ToHexString());
        var alice = stack.From("127.0.0.1");
        using (var login = await alice.PostAsync(ApiRoutes.Login, null, Cancel))
        {
            Assert.Equal(HttpStatusCode.Accepted, login.StatusCode);
        }

        alice.DefaultRequestHeaders.Add("Prefer", "wait=20");
        using (var token = await alice.GetAsync(ApiRoutes.Token, Cancel))
        {
            Assert.Equal(HttpStatusCode.OK, token.StatusCode);
        }

        command.Stop();
        const string Tokens = "/token";
        await Eventually.TrueAsync(
            () => Task.FromResult(Requests(collector, trace).Count(span => span.Target.EndsWith(Tokens, StringComparison.Ordinal)) >= 3
                && collector.Trace(trace).Any(IsPass)
                && collector.Trace(trace).Count(span => span.Kind == SpanKind.Server && span.Target.StartsWith(ApiRoutes.ApiBase, StringComparison.Ordinal)) == 2));
        var spans = collector.Trace(trace);

        // Client → API.
        var served = spans.Where(span => span.Kind == SpanKind.Server && span.Target.StartsWith(ApiRoutes.ApiBase, StringComparison.Ordinal)).ToArray();
        Assert.Equal([ApiRoutes.Login, ApiRoutes.Token], served.Select(span => span.Target).Order(StringComparer.Ordinal));
        Assert.All(served, span => Assert.Equal(client, Assert.Single(spans, sent => sent.SpanId == span.ParentId && sent.Kind == SpanKind.Client).ParentId));
        var loginSpan = served.Single(span => span.Target == ApiRoutes.Login);

        // API → Kubernetes, one request.
        var create = Assert.Single(Requests(collector, trace), span => span.Target.EndsWith("/tkasignins", StringComparison.Ordinal));
        Assert.Equal(loginSpan.SpanId, create.ParentId);

        // TkaSignin → operator: the pass continues the login that made the object, and its requests are its own.
        var pass = spans.Where(IsPass).ToArray();
        Assert.All(pass, span => Assert.StartsWith("reconcile tka-user-alice-", span.Name, StringComparison.Ordinal));
        Assert.All(pass, span => Assert.Equal(loginSpan.SpanId, span.ParentId));
        foreach (var end in new[] { "/serviceaccounts", "/clusterrolebindings", "/status" })
        {
            var write = Assert.Single(Requests(collector, trace), span => span.Attributes.GetValueOrDefault("peer.service") == "kubernetes" && span.Target.EndsWith(end, StringComparison.Ordinal));
            Assert.Contains(write.ParentId, pass.Select(span => span.SpanId));
        }

        // API → operator → Kubernetes, for the token.
        var tokenSpan = served.Single(span => span.Target == ApiRoutes.Token);
        var ask = Assert.Single(Requests(collector, trace), span => span.ParentId == tokenSpan.SpanId && span.Name == "issue token");
        var issue = Assert.Single(spans, span => span.Kind == SpanKind.Server && span.ParentId == ask.SpanId && span.Target.StartsWith("/v1/sessions/", StringComparison.Ordinal));
        Assert.Contains(Requests(collector, trace), span => span.ParentId == issue.SpanId && span.Target.EndsWith(Tokens, StringComparison.Ordinal));

        // Each request to a peer says what it asks for.
        var names = Requests(collector, trace).Where(span => span.Attributes.ContainsKey("peer.service")).Select(span => (span.Attributes["peer.service"], span.Name)).ToHashSet();
        foreach (var name in (string[])["create TkaSignin", "create ServiceAccount", "create ClusterRoleBinding", "patch TkaSignin/status", "create ServiceAccount/token"])
        {
            Assert.Contains(("kubernetes", name), names);
        }

        Assert.Contains(("tailscaled", "whois"), names);

        // The Aspire dashboard shows the method instead of the name where a client span has this attribute.
        Assert.All(
            Requests(collector, trace).Where(span => span.Attributes.ContainsKey("peer.service")),
            span => Assert.DoesNotContain("http.request.method", span.Attributes.Keys));
        Assert.All(spans, span => Assert.False(span.IsError, span.Name));

        // Everything hangs together: each span's parent is another one, or the client.
        var known = spans.Select(span => span.SpanId).Append(client).ToHashSet(StringComparer.Ordinal);
        Assert.All(spans, span => Assert.Contains(span.ParentId, known));
    }

    private static bool IsPass(Span span) => span.Name.StartsWith("reconcile", StringComparison.Ordinal);

    private static IEnumerable<Span> Requests(OtlpCollector collector, string trace) => collector.Trace(trace).Where(span => span.Kind == SpanKind.Client);
}
