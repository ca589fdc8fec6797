using System.Diagnostics;
using System.Text.Json.Nodes;
using k8s;
using TKA.Contracts;
using TKA.Contracts.Rest;
using TKA.Tests.Infrastructure;
using Xunit;

namespace TKA.Tests.Api.Endpoints;

/// <summary>What is written down of sessions: audit, trace, metrics; and what never is.</summary>
public class SessionRecordTests(Persons persons) : PersonsTests(persons)
{
    [Fact]
    public async Task Decisions_are_audited_without_secrets()
    {
        var person = Person(18);
        await person.SignInAsync();
        var token = (await person.GetAsync(ApiRoutes.Token, wait: null)).Expect(200).Read(ContractsJsonContext.Default.ExecCredential).Status!.Token;
        await person.LoginAsync("""{"role":"cluster-admin"}""");
        await person.LogoutAsync();

        var records = Stack.ApiLogs.Lines.Where(line => line.Category == "TKA.Audit" && (string?)line.Fields["Username"] == "person18@example.com").ToArray();

        Assert.Equal(
            ["login requested", "login granted", "token granted", "login refused", "logout ended"],
            records.Select(record => $"{record.Fields["Action"]} {record.Fields["Outcome"]}"));
        Assert.All(records, record => Assert.Equal("laptop18", record.Fields["Node"]));
        Assert.All(records, record => Assert.Matches("^[0-9a-f]{32}$", (string)record.Fields["TraceId"]!));
        Assert.Equal(records[0].Fields["TraceId"], records[1].Fields["TraceId"]);
        Assert.All(records, record => Assert.DoesNotContain("(null)", record.Message, StringComparison.Ordinal));
        Assert.Matches(@"until 20\d\d-\d\d-\d\dT[0-9:.]+Z, reason -,", records[0].Message);
        Assert.StartsWith("JTI=", (string)records[2].Fields["CredentialId"]!, StringComparison.Ordinal);
        Assert.DoesNotContain(Stack.ApiLogs.Lines, line => line.Message.Contains(token, StringComparison.Ordinal));
    }

    [Fact]
    public async Task S17_the_operators_refusal_is_on_record()
    {
        await Stack.From("127.0.2.2").LoginAsync();

        await Eventually.TrueAsync(() => Stack.ApiLogs.Lines.Any(line => line.Category == "TKA.Audit" && (string?)line.Fields["Username"] == "refused@example.com" && (string?)line.Fields["Outcome"] == "refused"));
        var records = Stack.ApiLogs.Lines.Where(line => line.Category == "TKA.Audit" && (string?)line.Fields["Username"] == "refused@example.com").ToArray();

        Assert.Contains(records, record => (string?)record.Fields["Outcome"] == "requested");
        Assert.DoesNotContain(records, record => (string?)record.Fields["Outcome"] == "granted");
        Assert.Contains(records, record => (string?)record.Fields["Outcome"] == "refused" && (string?)record.Fields["Reason"] == "RoleNotAllowed");
    }

    [Fact]
    public async Task The_trace_of_a_login_is_left_on_the_session()
    {
        var person = Person(19);
        using (new Activity("client").SetParentId("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01").Start())
        {
            // The client sends the header of the current activity: another test may trace this process's clients at the same time.
            (await person.CallAsync(HttpMethod.Post, ApiRoutes.Login, null)).Expect(202);
        }

        var signin = await Stack.Cluster.Admin.CustomObjects.GetNamespacedCustomObjectAsync<JsonObject>(
            "tka.specht-labs.de", "v1alpha1", Stack.Installed.SessionsNamespace, "tkasignins", TKA.Contracts.Sessions.SessionNames.ForLogin("person19@example.com"), cancellationToken: Cancel);

        Assert.StartsWith("00-0af7651916cd43dd8448eb211c80319c-", signin["metadata"]!["annotations"]!["tka.specht-labs.de/traceparent"]!.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Metrics_carry_roles_and_never_names()
    {
        await Person(20).SignInAsync();
        using var http = new HttpClient { BaseAddress = Stack.ApiManagementUri };

        var metrics = await http.GetStringAsync("/metrics", Cancel);

        Assert.Contains("tka_login_attempts_total{", metrics, StringComparison.Ordinal);
        Assert.Contains("tka_user_signins_total{", metrics, StringComparison.Ordinal);
        Assert.Contains("tka_active_user_sessions{", metrics, StringComparison.Ordinal);
        Assert.Contains("tka_whois_duration_seconds_bucket{", metrics, StringComparison.Ordinal);
        Assert.Contains("cluster_role=\"view\"", metrics, StringComparison.Ordinal);
        Assert.DoesNotContain("example.com", metrics, StringComparison.Ordinal);
        Assert.DoesNotContain("person20", metrics, StringComparison.Ordinal);
    }
}
