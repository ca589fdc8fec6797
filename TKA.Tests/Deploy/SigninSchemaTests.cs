using System.Net;
using System.Text.Json.Nodes;
using k8s.Autorest;
using TKA.Contracts.Sessions;
using TKA.Tests.Infrastructure;
using Xunit;

namespace TKA.Tests.Deploy;

/// <summary>What the CRD's schema lets in, seen as the API that writes it.</summary>
public sealed class SigninSchemaTests(InstalledCluster installed) : IAsyncLifetime, IClassFixture<InstalledCluster>
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private k8s.Kubernetes _api = null!;
    private SigninClient _signins = null!;

    public async ValueTask InitializeAsync()
    {
        _api = TestCluster.Client(await installed.Tka.KubeconfigForAsync("tka-api", Cancellation));
        _signins = new SigninClient(_api, installed.Tka.SessionsNamespace);
    }

    public ValueTask DisposeAsync()
    {
        _api.Dispose();
        return ValueTask.CompletedTask;
    }

    [Theory]
    [InlineData("""{"username":"a@example.com","role":"view","validity_period":"8h0m0s"}""")]
    [InlineData("""{"username":"a@example.com","role":"view","validity_period":"10m"}""")]
    [InlineData("""{"username":"a@example.com","role":"view","validity_period":"1.5h"}""")]
    [InlineData("""{"username":"ünïcödé@example.com","role":"on-call.team","validity_period":"600s"}""")]
    [InlineData("""{"username":"a@github","role":"view","validity_period":"8h","namespaces":["team-a","team-b"],"node":{"name":"laptop","stableID":"n1CNTRL"}}""")]
    public async Task Good_specs_are_taken(string spec)
    {
        var created = await _signins.TryCreateAsync(Signin(spec), Cancellation);
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(spec), created["spec"]), created.ToJsonString());
    }

    [Theory]
    [InlineData("spec.username", """{"role":"view","validity_period":"8h"}""")]
    [InlineData("spec.role", """{"username":"a@example.com","validity_period":"8h"}""")]
    [InlineData("spec.validity_period", """{"username":"a@example.com","role":"view"}""")]
    [InlineData("spec.username", """{"username":"","role":"view","validity_period":"8h"}""")]
    [InlineData("spec.role", """{"username":"a@example.com","role":"Cluster Admin","validity_period":"8h"}""")]
    [InlineData("spec.role", """{"username":"a@example.com","role":"system:masters","validity_period":"8h"}""")]
    [InlineData("spec.validity_period", """{"username":"a@example.com","role":"view","validity_period":"for ever"}""")]
    [InlineData("spec.validity_period", """{"username":"a@example.com","role":"view","validity_period":"-8h"}""")]
    [InlineData("spec.validity_period", """{"username":"a@example.com","role":"view","validity_period":"9m59s"}""")]
    [InlineData("spec.namespaces", """{"username":"a@example.com","role":"view","validity_period":"8h","namespaces":[]}""")]
    [InlineData("spec.namespaces", """{"username":"a@example.com","role":"view","validity_period":"8h","namespaces":["Team A"]}""")]
    [InlineData("spec.namespaces", """{"username":"a@example.com","role":"view","validity_period":"8h","namespaces":["a","a"]}""")]
    public async Task Bad_specs_are_refused_and_the_field_is_named(string field, string spec)
    {
        var refusal = await Assert.ThrowsAsync<HttpOperationException>(() => _signins.TryCreateAsync(Signin(spec), Cancellation));
        Assert.Equal(HttpStatusCode.UnprocessableEntity, refusal.Response.StatusCode);
        Assert.Contains(field, refusal.Response.Content, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_session_belongs_to_one_person_for_ever()
    {
        const string Name = "tka-user-y-00000000";
        var created = await _signins.CreateAsync(Signin("""{"username":"a@example.com","role":"view","validity_period":"8h"}""", Name), Cancellation);
        created["spec"]!["role"] = "edit";
        var changed = await _signins.ReplaceAsync(Name, created, Cancellation);
        changed["spec"]!["username"] = "mallory@example.com";
        var refusal = await Assert.ThrowsAsync<HttpOperationException>(() => _signins.ReplaceAsync(Name, changed, Cancellation));
        Assert.Contains("username is immutable", refusal.Response.Content, StringComparison.Ordinal);
    }

    private static JsonObject Signin(string spec, string name = "tka-user-x-00000000") => new()
    {
        ["apiVersion"] = TkaSigninResource.ApiVersion,
        ["kind"] = TkaSigninResource.Kind,
        ["metadata"] = new JsonObject { ["name"] = name },
        ["spec"] = JsonNode.Parse(spec),
    };
}
