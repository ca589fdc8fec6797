using System.Text.Json.Nodes;
using Xunit;

namespace TKA.DevEnvironment.Tests.Cluster.Conformance;

public sealed class ValidationTests(ConformanceFixture fixture) : ConformanceTests(fixture)
{
    [Theory]
    [InlineData("Upper")]
    [InlineData("under_score")]
    [InlineData("-dash")]
    [InlineData("dash-")]
    [InlineData("two..dots")]
    public async Task A_name_is_a_DNS_subdomain(string name)
    {
        var answer = (await PostAsync(ConfigMaps, ConfigMap(name))).Refused(422, "Invalid");

        Assert.Equal(["metadata.name"], answer.CauseFields);
        Assert.Equal("ConfigMap", (string?)answer.Json["details"]!["kind"]);
        Assert.Equal(name, (string?)answer.Json["details"]!["name"]);
        Assert.Equal("FieldValueInvalid", (string?)answer.Json["details"]!["causes"]![0]!["reason"]);
        Assert.Contains("a lowercase RFC 1123 subdomain must consist of", answer.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"ipFamilies":["IPv6"]}""", "spec.ipFamilies[0]")]
    [InlineData("""{"ipFamilyPolicy":"RequireDualStack"}""", "spec.ipFamilyPolicy")]
    public async Task A_Service_has_no_address_family_that_the_embedded_cluster_lacks(string spec, string field)
    {
        Assert.SkipUnless(Fixture.Cluster.IsEmbedded, "a real cluster may have both families");

        var answer = (await PostAsync($"/api/v1/namespaces/{Fixture.Namespace}/services", $$"""{"metadata":{"name":"families"},"spec":{{spec}} }""")).Refused(422, "Invalid");

        Assert.Equal([field], answer.CauseFields);
    }

    [Fact]
    public async Task A_name_has_at_most_253_characters()
    {
        (await PostAsync(ConfigMaps, ConfigMap(new string('a', 253)))).Succeeded(201);
        (await PostAsync(ConfigMaps, ConfigMap(new string('a', 254)))).Refused(422, "Invalid");
    }

    [Fact]
    public async Task A_name_is_required()
    {
        var answer = (await PostAsync(ConfigMaps, """{"apiVersion":"v1","kind":"ConfigMap"}""")).Refused(422, "Invalid");
        Assert.Equal(["metadata.name"], answer.CauseFields);
        Assert.Contains("name or generateName is required", answer.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_namespace_name_is_a_DNS_label()
    {
        (await PostAsync("/api/v1/namespaces", """{"apiVersion":"v1","kind":"Namespace","metadata":{"name":"a.b"}}""")).Refused(422, "Invalid");
        (await PostAsync("/api/v1/namespaces", $$$"""{"apiVersion":"v1","kind":"Namespace","metadata":{"name":"{{{new string('a', 64)}}}"}}""")).Refused(422, "Invalid");
    }

    [Theory]
    [InlineData("labels", """{"a b":"c"}""")]
    [InlineData("labels", """{"a":"b c"}""")]
    [InlineData("labels", """{"a/b/c":"d"}""")]
    [InlineData("labels", """{"/a":"b"}""")]
    [InlineData("annotations", """{"a b":"c"}""")]
    [InlineData("finalizers", """["unqualified"]""")]
    [InlineData("finalizers", """["bad name/x"]""")]
    [InlineData("ownerReferences", """[{"apiVersion":"v1","kind":"ConfigMap","name":"x","uid":""}]""")]
    public async Task Metadata_is_validated(string field, string value)
    {
        var answer = (await PostAsync(ConfigMaps, $$$"""
            {"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"{{{Unique("meta")}}}","{{{field}}}":{{{value}}}}}
            """)).Refused(422, "Invalid");
        Assert.All(answer.CauseFields, f => Assert.StartsWith($"metadata.{field}", f, StringComparison.Ordinal));
        Assert.NotEmpty(answer.CauseFields);
    }

    [Fact]
    public async Task A_label_value_has_at_most_63_characters()
    {
        var body = JsonNode.Parse(ConfigMap(Unique("label")))!;
        body["metadata"]!["labels"] = new JsonObject { ["a"] = new string('b', 64) };
        (await PostAsync(ConfigMaps, body.ToJsonString())).Refused(422, "Invalid");
    }

    [Fact]
    public async Task Annotations_hold_at_most_256_KiB()
    {
        var body = JsonNode.Parse(ConfigMap(Unique("annotations")))!;
        body["metadata"]!["annotations"] = new JsonObject { ["a"] = new string('b', 256 * 1024) };
        var answer = (await PostAsync(ConfigMaps, body.ToJsonString())).Refused(422, "Invalid");
        Assert.Equal(["metadata.annotations"], answer.CauseFields);
    }

    [Theory]
    [InlineData("""{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"x"},"data":{"k":1}}""")]
    [InlineData("""{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"x"},"data":"text"}""")]
    [InlineData("""{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"x","labels":{"a":1}}}""")]
    [InlineData("""{"apiVersion":"v1","kind":"ConfigMap","metadata":"text"}""")]
    [InlineData("""{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":7}}""")]
    public async Task A_field_of_the_wrong_type_cannot_be_decoded(string body)
    {
        (await PostAsync(ConfigMaps, body)).Refused(400, "BadRequest");
    }

    [Fact]
    public async Task An_unknown_field_is_an_error_when_asked()
    {
        var answer = (await PostAsync($"{ConfigMaps}?fieldValidation=Strict", ConfigMap(Unique("strict"), "\"dta\":{}"))).Refused(400, "BadRequest");
        Assert.Contains("strict decoding error: unknown field \\u0022dta\\u0022", answer.Text.Replace("\\\"", "\\u0022", StringComparison.Ordinal), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_unknown_field_is_a_warning_by_default_and_dropped()
    {
        var answer = (await PostAsync(ConfigMaps, ConfigMap(Unique("warn"), "\"dta\":{}"))).Succeeded(201);
        Assert.Contains("unknown field", Assert.Single(answer.Response.Headers.GetValues("Warning")), StringComparison.Ordinal);
        Assert.Null(answer.Json["dta"]);
    }

    [Fact]
    public async Task An_unknown_field_is_ignored_when_asked()
    {
        var answer = (await PostAsync($"{ConfigMaps}?fieldValidation=Ignore", ConfigMap(Unique("ignore"), "\"dta\":{}"))).Succeeded(201);
        Assert.False(answer.Response.Headers.Contains("Warning"));
        Assert.Null(answer.Json["dta"]);
    }

    [Fact]
    public async Task ConfigMap_keys_are_file_names()
    {
        var answer = (await PostAsync(ConfigMaps, ConfigMap(Unique("key"), "\"data\":{\"a b\":\"c\"}"))).Refused(422, "Invalid");
        Assert.Equal(["data[a b]"], answer.CauseFields);
    }

    [Fact]
    public async Task An_immutable_ConfigMap_stays_as_it_is()
    {
        var created = await CreateConfigMapAsync("immutable", "\"immutable\":true,\"data\":{\"a\":\"b\"}");
        (await PatchAsync($"{ConfigMaps}/{created.Name}", """{"data":{"a":"c"}}""")).Refused(422, "Invalid");
        (await PatchAsync($"{ConfigMaps}/{created.Name}", """{"immutable":false}""")).Refused(422, "Invalid");
        (await PatchAsync($"{ConfigMaps}/{created.Name}", """{"metadata":{"labels":{"a":"b"}}}""")).Succeeded();
    }

    [Fact]
    public async Task Secrets_hold_base64_and_take_text()
    {
        var created = (await PostAsync(Secrets, $$$"""
            {"apiVersion":"v1","kind":"Secret","metadata":{"name":"{{{Unique("secret")}}}"},"data":{"a":"Yg=="},"stringData":{"c":"d"}}
            """)).Succeeded(201);
        Assert.Equal("Yg==", (string?)created.Json["data"]!["a"]);
        Assert.Equal("ZA==", (string?)created.Json["data"]!["c"]);
        Assert.Null(created.Json["stringData"]);
        Assert.Equal("Opaque", (string?)created.Json["type"]);
        (await PostAsync(Secrets, """{"apiVersion":"v1","kind":"Secret","metadata":{"name":"x"},"data":{"a":"not base64!"}}""")).Refused(400, "BadRequest");
    }

    [Fact]
    public async Task A_Secrets_type_never_changes()
    {
        var created = (await PostAsync(Secrets, $$$"""{"apiVersion":"v1","kind":"Secret","metadata":{"name":"{{{Unique("type")}}}"}}""")).Succeeded(201);
        var answer = (await PatchAsync($"{Secrets}/{created.Name}", """{"type":"other"}""")).Refused(422, "Invalid");
        Assert.Contains("type", answer.CauseFields);
    }

    [Fact]
    public async Task A_TLS_Secret_has_its_keys()
    {
        var answer = (await PostAsync(Secrets, """{"apiVersion":"v1","kind":"Secret","metadata":{"name":"x"},"type":"kubernetes.io/tls"}""")).Refused(422, "Invalid");
        Assert.Equal(["data[tls.crt]", "data[tls.key]"], answer.CauseFields.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_Lease_lasts_some_time()
    {
        var answer = (await PostAsync($"/apis/coordination.k8s.io/v1/namespaces/{Fixture.Namespace}/leases", """
            {"apiVersion":"coordination.k8s.io/v1","kind":"Lease","metadata":{"name":"x"},"spec":{"leaseDurationSeconds":0,"leaseTransitions":-1}}
            """)).Refused(422, "Invalid");
        Assert.Equal(["spec.leaseDurationSeconds", "spec.leaseTransitions"], answer.CauseFields);
        Assert.StartsWith("Lease.coordination.k8s.io \"x\" is invalid: [", (string)answer.Json["message"]!, StringComparison.Ordinal);
    }
}
