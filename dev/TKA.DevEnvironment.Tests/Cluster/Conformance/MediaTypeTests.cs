using System.Text;
using Xunit;

namespace TKA.DevEnvironment.Tests.Cluster.Conformance;

public sealed class MediaTypeTests(ConformanceFixture fixture) : ConformanceTests(fixture)
{
    [Theory]
    [InlineData("text/html")]
    [InlineData("application/xml")]
    [InlineData("application/json;as=Unicorn;g=meta.k8s.io;v=v1")]
    public async Task An_answer_nobody_can_give_is_not_acceptable(string accept)
    {
        (await GetAsync(ConfigMaps, accept)).Refused(406, "NotAcceptable");
    }

    [Theory]
    [InlineData("text/plain")]
    [InlineData("application/xml")]
    public async Task A_body_of_an_unknown_type_is_unsupported(string type)
    {
        (await PostAsync(ConfigMaps, ConfigMap("x"), type)).Refused(415, "UnsupportedMediaType");
    }

    [Theory]
    [InlineData("application/json")]
    [InlineData("text/plain")]
    public async Task A_patch_says_which_kind_it_is(string type)
    {
        var created = await CreateConfigMapAsync("patch");
        (await PatchAsync($"{ConfigMaps}/{created.Name}", "{}", type)).Refused(415, "UnsupportedMediaType");
    }

    [Theory]
    [InlineData("{")]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("\"text\"")]
    [InlineData("{\"apiVersion\":\"v1\",\"kind\":\"ConfigMap\",\"metadata\":{\"name\":\"x\"}} trailing")]
    public async Task A_malformed_body_is_a_bad_request(string body)
    {
        (await PostAsync(ConfigMaps, body)).Refused(400, "BadRequest");
    }

    [Fact]
    public async Task Nothing_is_an_object_without_members()
    {
        var answer = (await PostAsync(ConfigMaps, "null")).Refused(422, "Invalid");
        Assert.Equal(["metadata.name"], answer.CauseFields);
    }

    [Fact]
    public async Task Nobody_asks_for_the_head_of_a_resource()
    {
        var created = await CreateConfigMapAsync("head");
        Assert.Equal(405, (await Fixture.SendAsync(HttpMethod.Head, $"{ConfigMaps}/{created.Name}")).Code);
    }

    [Fact]
    public async Task A_body_may_be_YAML()
    {
        var name = Unique("yaml");
        (await PostAsync(ConfigMaps, $"apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {name}\ndata:\n  text: |\n    two\n    lines\n", "application/yaml")).Succeeded(201);

        Assert.Equal("two\nlines\n", (string?)(await GetAsync($"{ConfigMaps}/{name}")).Succeeded().Json["data"]!["text"]);
    }

    [Fact]
    public async Task A_body_over_three_megabytes_is_too_large()
    {
        var body = ConfigMap("big", $"\"data\":{{\"a\":\"{new string('x', 3 * 1024 * 1024)}\"}}");
        (await PostAsync(ConfigMaps, body)).Refused(413, "RequestEntityTooLarge");
    }

    [Fact]
    public async Task A_ConfigMap_over_one_megabyte_is_invalid()
    {
        var body = ConfigMap(Unique("big"), $"\"data\":{{\"a\":\"{new string('x', (1024 * 1024) + 1)}\"}}");
        (await PostAsync(ConfigMaps, body)).Refused(422, "Invalid");
    }

    [Fact]
    public async Task A_table_has_columns_and_rows()
    {
        var created = await CreateConfigMapAsync("table", "\"data\":{\"a\":\"b\"}");

        var table = (await GetAsync($"{ConfigMaps}/{created.Name}", "application/json;as=Table;v=v1;g=meta.k8s.io")).Succeeded().Json;

        Assert.Equal("Table", (string?)table["kind"]);
        Assert.Equal("meta.k8s.io/v1", (string?)table["apiVersion"]);
        Assert.Equal(["Name", "Data", "Age"], table["columnDefinitions"]!.AsArray().Select(c => (string?)c!["name"]));
        var row = Assert.Single(table["rows"]!.AsArray())!;
        Assert.Equal(created.Name, (string?)row["cells"]![0]);
        Assert.Equal(1, (int)row["cells"]![1]!);
        Assert.Equal("PartialObjectMetadata", (string?)row["object"]!["kind"]);
    }

    [Fact]
    public async Task A_tables_rows_carry_as_much_of_the_object_as_asked()
    {
        await CreateConfigMapAsync("table");
        var none = (await GetAsync($"{ConfigMaps}?includeObject=None", "application/json;as=Table;v=v1;g=meta.k8s.io")).Succeeded().Json;
        Assert.Null(none["rows"]![0]!["object"]);
        var whole = (await GetAsync($"{ConfigMaps}?includeObject=Object", "application/json;as=Table;v=v1;g=meta.k8s.io")).Succeeded().Json;
        Assert.Equal("ConfigMap", (string?)whole["rows"]![0]!["object"]!["kind"]);
    }

    [Fact]
    public async Task A_client_that_lists_several_forms_gets_the_first_it_can()
    {
        var answer = (await GetAsync(
            ConfigMaps, "application/json;as=Table;v=v1;g=meta.k8s.io,application/json;as=Table;v=v1beta1;g=meta.k8s.io,application/json")).Succeeded();
        Assert.Equal("Table", (string?)answer.Json["kind"]);
    }

    [Fact]
    public async Task Deeply_nested_bodies_are_refused_or_dropped_without_harm()
    {
        var body = new StringBuilder("{\"apiVersion\":\"v1\",\"kind\":\"ConfigMap\",\"metadata\":{\"name\":\"x\"},\"deep\":");
        body.Append('[', 20_000).Append(']', 20_000).Append('}');
        var answer = await PostAsync(ConfigMaps, body.ToString());
        Assert.Equal(400, answer.Code);
    }

    [Fact]
    public async Task Health_and_version_answer()
    {
        Assert.Equal("ok", (await GetAsync("/livez", "*/*")).Succeeded().Text);
        Assert.Equal("ok", (await GetAsync("/readyz", "*/*")).Succeeded().Text);
        var version = (await GetAsync("/version")).Succeeded().Json;
        Assert.Equal("1", (string?)version["major"]);
        Assert.StartsWith("v1.", (string?)version["gitVersion"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Discovery_lists_resources()
    {
        var core = (await GetAsync("/api/v1")).Succeeded().Json;
        Assert.Equal("APIResourceList", (string?)core["kind"]);
        var pods = core["resources"]!.AsArray().Single(r => (string?)r!["name"] == "pods")!;
        Assert.True((bool)pods["namespaced"]!);
        Assert.Contains("po", pods["shortNames"]!.AsArray().Select(s => (string?)s));
        Assert.Contains(core["resources"]!.AsArray(), r => (string?)r!["name"] == "namespaces/finalize");
        Assert.Contains(core["resources"]!.AsArray(), r => (string?)r!["name"] == "serviceaccounts/token");

        var groups = (await GetAsync("/apis")).Succeeded().Json["groups"]!.AsArray().Select(g => (string?)g!["name"]).ToList();
        foreach (var group in (string[])["apps", "rbac.authorization.k8s.io", "coordination.k8s.io", "apiextensions.k8s.io", "authentication.k8s.io", "authorization.k8s.io"])
        {
            Assert.Contains(group, groups);
        }
    }
}
