using System.Text.Json;
using Microsoft.AspNetCore.Http;
using TKA.Contracts;
using TKA.Contracts.Kubeconfig;
using TKA.Contracts.Orchestrator;
using TKA.Contracts.Rest;

namespace TKA.Tests.Cli;

/// <summary>Credentials, access, the admin's list, the orchestrator's clusters.</summary>
internal sealed partial class FakeTkaServer
{
    private int _tokens;

    private async Task OtherAsync(HttpContext http, string route)
    {
        switch (route)
        {
            case $"GET {ApiRoutes.ClusterInfo}":
                await WriteAsync(http, JsonSerializer.Serialize(
                    new ClusterInfo { Name = InfoName, ServerUrl = ClusterServer, CaData = CaData, Labels = new Dictionary<string, string> { ["env"] = "test" } },
                    ContractsJsonContext.Default.ClusterInfo), 200);
                break;
            case $"GET {ApiRoutes.Sessions}":
                var items = Sessions.Where(item => http.Request.Query["user"] is not { Count: > 0 } user || item.Username == user).ToList();
                var from = int.TryParse(http.Request.Query["continue"], out var start) ? start : 0;
                await WriteAsync(http, JsonSerializer.Serialize(
                    new SessionList { Items = [.. items.Skip(from).Take(2)], Continue = items.Count > from + 2 ? $"{from + 2}" : null },
                    ContractsJsonContext.Default.SessionList), 200);
                break;
            case $"GET {ApiRoutes.Clusters}":
                var selector = http.Request.Query["label_selector"].ToString();
                await WriteAsync(http, JsonSerializer.Serialize(
                    new ClusterList { Items = [.. Clusters.Where(cluster => selector is "" || cluster.Labels.Any(label => $"{label.Key}={label.Value}" == selector))] },
                    ContractsJsonContext.Default.ClusterList), 200);
                break;
            case "GET /openapi/v1.json":
                await WriteAsync(http, """{"openapi":"3.1.1","info":{"title":"TKA","version":"9.8.7"},"paths":{}}""", 200);
                break;
            default:
                if (http.Request.Method == "DELETE" && Sessions.RemoveAll(item => http.Request.Path == $"{ApiRoutes.Sessions}/{item.Name}") > 0)
                {
                    http.Response.StatusCode = 204;
                }
                else if (IsGo)
                {
                    // gin's own answer to a path it does not know.
                    http.Response.StatusCode = 404;
                    http.Response.ContentType = "text/plain";
                    await http.Response.WriteAsync("404 page not found");
                }
                else
                {
                    await ProblemAsync(http, 404, "There is no such session.", ["List the sessions with tka sessions."]);
                }

                break;
        }
    }

    private AccessResponse Access() => new()
    {
        Username = Person,
        DisplayName = "Alice",
        Node = "laptop-alice",
        Role = Rules[0].Role,
        Period = Rules[0].Period,
        Namespaces = Rules[0].Namespaces,
        Admin = Rules.Any(rule => rule.Admin),
        Rules = [.. Rules.Select((rule, index) => new AccessRule
        {
            Role = rule.Role,
            Period = rule.Period,
            Priority = rule.Priority,
            Namespaces = rule.Namespaces,
            Admin = rule.Admin,
            Wins = index == 0,
            Why = index == 0 ? "highest priority" : "lower priority",
        })],
    };

    private string NextToken()
    {
        var number = Interlocked.Increment(ref _tokens);
        TokensIssued = number;
        return Token(number);
    }

    private string ExecCredential(SessionResponse session)
    {
        var end = Clock.GetUtcNow() + TokenLifetime;
        return JsonSerializer.Serialize(
            new ExecCredential { Status = new ExecCredentialStatus { Token = NextToken(), ExpirationTimestamp = end < session.Until ? end : session.Until } },
            ContractsJsonContext.Default.ExecCredential);
    }

    // client-go's internal form, as the Go TKA answers with: maps by name.
    private string Kubeconfig() => JsonSerializer.Serialize(
        new KubeconfigMaps
        {
            Clusters = new Dictionary<string, KubeconfigCluster> { [ClusterName] = new() { Server = ClusterServer, CertificateAuthorityData = CaData is "" ? null : CaData } },
            Users = new Dictionary<string, KubeconfigUser> { ["tka-user-alice-00000000"] = new() { Token = NextToken() } },
            Contexts = new Dictionary<string, KubeconfigContext> { ["tka-context-alice-00000000"] = new() { Cluster = ClusterName, User = "tka-user-alice-00000000" } },
            CurrentContext = "tka-context-alice-00000000",
        },
        ContractsJsonContext.Default.KubeconfigMaps);
}
