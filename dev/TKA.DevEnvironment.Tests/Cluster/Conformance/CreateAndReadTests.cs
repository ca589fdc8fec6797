using System.Text.Json.Nodes;
using Xunit;

namespace TKA.DevEnvironment.Tests.Cluster.Conformance;

public sealed class CreateAndReadTests(ConformanceFixture fixture) : ConformanceTests(fixture)
{
    [Fact]
    public async Task The_server_fills_in_identity()
    {
        var created = await CreateConfigMapAsync("identity", "\"data\":{\"k\":\"v\"}");

        Assert.True(Guid.TryParse(created.Uid, out _));
        Assert.True(long.Parse(created.ResourceVersion, System.Globalization.CultureInfo.InvariantCulture) > 0);
        Assert.Equal(Fixture.Namespace, (string?)created.Json["metadata"]!["namespace"]);
        Assert.Matches(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$", (string)created.Json["metadata"]!["creationTimestamp"]!);
        Assert.Equal("v", (string?)created.Json["data"]!["k"]);
        Assert.Null(created.Json["metadata"]!["generation"]);

        var read = await GetAsync($"{ConfigMaps}/{created.Name}");
        Assert.True(JsonNode.DeepEquals(created.Json, read.Succeeded().Json));
    }

    [Fact]
    public async Task What_a_client_claims_about_identity_is_ignored()
    {
        var name = Unique("forged");
        var created = (await PostAsync(ConfigMaps, $$$"""
            {"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"{{{name}}}","uid":"11111111-1111-1111-1111-111111111111",
             "creationTimestamp":"2001-01-01T00:00:00Z","generation":42,"deletionTimestamp":"2001-01-01T00:00:00Z"}}
            """)).Succeeded(201);

        Assert.NotEqual("11111111-1111-1111-1111-111111111111", created.Uid);
        Assert.DoesNotContain("2001", created.Text, StringComparison.Ordinal);
        Assert.Null(created.Json["metadata"]!["deletionTimestamp"]);
    }

    [Fact]
    public async Task A_missing_object_is_a_Status_with_details()
    {
        var answer = (await GetAsync($"{ConfigMaps}/nobody")).Refused(404, "NotFound");

        Assert.Equal("configmaps \"nobody\" not found", (string?)answer.Json["message"]);
        Assert.Equal("nobody", (string?)answer.Json["details"]!["name"]);
        Assert.Equal("configmaps", (string?)answer.Json["details"]!["kind"]);
        Assert.Equal("v1", (string?)answer.Json["apiVersion"]);
    }

    [Fact]
    public async Task Details_of_a_named_group_name_it()
    {
        var answer = (await GetAsync($"{Deployments}/nobody")).Refused(404, "NotFound");

        Assert.Equal("deployments.apps \"nobody\" not found", (string?)answer.Json["message"]);
        Assert.Equal("apps", (string?)answer.Json["details"]!["group"]);
    }

    [Fact]
    public async Task A_second_object_of_the_same_name_is_refused()
    {
        var created = await CreateConfigMapAsync("twice");

        var answer = (await PostAsync(ConfigMaps, ConfigMap(created.Name))).Refused(409, "AlreadyExists");
        Assert.Equal($"configmaps \"{created.Name}\" already exists", (string?)answer.Json["message"]);
    }

    [Fact]
    public async Task Nothing_is_created_in_a_namespace_that_does_not_exist()
    {
        var answer = (await PostAsync("/api/v1/namespaces/no-such-namespace/configmaps", ConfigMap("x"))).Refused(404, "NotFound");
        Assert.Equal("namespaces \"no-such-namespace\" not found", (string?)answer.Json["message"]);
    }

    [Fact]
    public async Task GenerateName_adds_five_characters()
    {
        const string Body = """{"apiVersion":"v1","kind":"ConfigMap","metadata":{"generateName":"made-"}}""";
        var first = (await PostAsync(ConfigMaps, Body)).Succeeded(201);
        var second = (await PostAsync(ConfigMaps, Body)).Succeeded(201);

        Assert.Matches("^made-[a-z0-9]{5}$", first.Name);
        Assert.NotEqual(first.Name, second.Name);
        Assert.Equal("made-", (string?)first.Json["metadata"]!["generateName"]);
    }

    [Fact]
    public async Task GenerateName_keeps_long_names_valid()
    {
        var created = (await PostAsync(ConfigMaps, $$$"""{"apiVersion":"v1","kind":"ConfigMap","metadata":{"generateName":"{{{new string('a', 80)}}}-"}}""")).Succeeded(201);
        Assert.Equal(63, created.Name.Length);
    }

    [Fact]
    public async Task A_body_of_another_kind_is_refused()
    {
        (await PostAsync(ConfigMaps, """{"apiVersion":"v1","kind":"Secret","metadata":{"name":"x"}}""")).Refused(400, "BadRequest");
    }

    [Fact]
    public async Task A_body_of_another_version_is_refused()
    {
        (await PostAsync(ConfigMaps, """{"apiVersion":"v2","kind":"ConfigMap","metadata":{"name":"x"}}""")).Refused(400, "BadRequest");
    }

    [Fact]
    public async Task A_body_for_another_namespace_is_refused()
    {
        (await PostAsync(ConfigMaps, """{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"x","namespace":"default"}}""")).Refused(400, "BadRequest");
    }

    [Fact]
    public async Task Dry_run_shows_what_would_be_and_stores_nothing()
    {
        var name = Unique("dry");
        var answer = (await PostAsync($"{ConfigMaps}?dryRun=All", ConfigMap(name))).Succeeded(201);

        Assert.NotEmpty(answer.Uid);
        (await GetAsync($"{ConfigMaps}/{name}")).Refused(404, "NotFound");
    }

    [Fact]
    public async Task Dry_run_has_one_value()
    {
        var answer = (await PostAsync($"{ConfigMaps}?dryRun=Some", ConfigMap("x"))).Refused(422, "Invalid");
        Assert.Contains("dryRun", answer.CauseFields);
    }

    [Theory]
    [InlineData("/api/v1/namespaces/{0}/unicorns")]
    [InlineData("/apis/unicorns.example.com/v1/namespaces/{0}/unicorns")]
    [InlineData("/apis/apps/v7/namespaces/{0}/deployments")]
    [InlineData("/api/v1/namespaces/{0}/configmaps/x/unicorn")]
    public async Task What_does_not_exist_is_not_found(string path)
    {
        var answer = await GetAsync(string.Format(System.Globalization.CultureInfo.InvariantCulture, path, Fixture.Namespace));
        Assert.Equal(404, answer.Code);
    }

    [Theory]
    [InlineData("POST", "/api/v1/namespaces/{0}/configmaps/x")]
    [InlineData("PUT", "/api/v1/namespaces/{0}/configmaps")]
    [InlineData("PATCH", "/api/v1/namespaces/{0}/configmaps")]
    [InlineData("DELETE", "/api/v1/namespaces")]
    [InlineData("POST", "/api/v1/configmaps")]
    public async Task A_method_that_makes_no_sense_is_not_allowed(string method, string path)
    {
        var answer = await Fixture.SendAsync(
            new HttpMethod(method), string.Format(System.Globalization.CultureInfo.InvariantCulture, path, Fixture.Namespace), "{}");
        answer.Refused(405, "MethodNotAllowed");
    }

    [Fact]
    public async Task A_namespace_gets_its_default_ServiceAccount_and_root_CA()
    {
        await EventuallyAsync(
            async () => (await GetAsync($"/api/v1/namespaces/{Fixture.Namespace}/serviceaccounts/default")).Code == 200, "default ServiceAccount");
        await EventuallyAsync(async () => (await GetAsync($"{ConfigMaps}/kube-root-ca.crt")).Code == 200, "root CA ConfigMap");
        Assert.Contains("BEGIN CERTIFICATE", (await GetAsync($"{ConfigMaps}/kube-root-ca.crt")).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_namespace_carries_its_name_as_a_label()
    {
        var space = (await GetAsync($"/api/v1/namespaces/{Fixture.Namespace}")).Succeeded();
        Assert.Equal(Fixture.Namespace, (string?)space.Json["metadata"]!["labels"]!["kubernetes.io/metadata.name"]);
        Assert.Equal("Active", (string?)space.Json["status"]!["phase"]);
        Assert.Equal("kubernetes", (string?)space.Json["spec"]!["finalizers"]![0]);
    }

    [Fact]
    public async Task An_object_may_be_named_like_its_resource()
    {
        (await PostAsync(ConfigMaps, ConfigMap("configmaps"))).Succeeded(201);
        Assert.Equal("ConfigMap", (string?)(await GetAsync($"{ConfigMaps}/configmaps")).Succeeded().Json["kind"]);
        (await PatchAsync($"{ConfigMaps}/configmaps", """{"data":{"a":"b"}}""")).Succeeded();
        (await DeleteAsync($"{ConfigMaps}/configmaps")).Succeeded();
    }

    [Fact]
    public async Task Watch_is_for_collections()
    {
        var created = await CreateConfigMapAsync("get");
        Assert.Equal("ConfigMap", (string?)(await GetAsync($"{ConfigMaps}/{created.Name}?watch=true")).Succeeded().Json["kind"]);
    }
}
