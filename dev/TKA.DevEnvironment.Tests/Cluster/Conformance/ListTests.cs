using System.Globalization;
using System.Text.Json.Nodes;
using Xunit;

namespace TKA.DevEnvironment.Tests.Cluster.Conformance;

public sealed class ListTests(ConformanceFixture fixture) : ConformanceTests(fixture)
{
    [Theory]
    [InlineData("env=prod", "a,c")]
    [InlineData("env==prod", "a,c")]
    [InlineData("env!=prod", "b,d")]
    [InlineData("env in (prod, dev)", "a,b,c")]
    [InlineData("env notin (prod)", "b,d")]
    [InlineData("env", "a,b,c")]
    [InlineData("!env", "d")]
    [InlineData("env=prod,tier=web", "a")]
    [InlineData("tier in (web),env!=dev", "a")]
    public async Task Label_selectors_select(string selector, string expected)
    {
        var set = Unique("set");
        foreach (var (name, labels) in new[]
        {
            ("a", """{"env":"prod","tier":"web"}"""),
            ("b", """{"env":"dev","tier":"web"}"""),
            ("c", """{"env":"prod","tier":"db"}"""),
            ("d", "{}"),
        })
        {
            var body = JsonNode.Parse(ConfigMap($"{set}-{name}"))!;
            body["metadata"]!["labels"] = JsonNode.Parse(labels);
            body["metadata"]!["labels"]!["set"] = set;
            (await PostAsync(ConfigMaps, body.ToJsonString())).Succeeded(201);
        }

        var list = (await GetAsync($"{ConfigMaps}?labelSelector={Uri.EscapeDataString($"set={set},{selector}")}")).Succeeded();
        Assert.Equal(expected, string.Join(',', Names(list).Select(n => n[^1])));
    }

    [Theory]
    [InlineData("a in")]
    [InlineData("a in (b")]
    [InlineData("a b")]
    [InlineData("=x")]
    [InlineData("a=b c")]
    public async Task A_malformed_label_selector_is_a_bad_request(string selector)
    {
        (await GetAsync($"{ConfigMaps}?labelSelector={Uri.EscapeDataString(selector)}")).Refused(400, "BadRequest");
    }

    [Fact]
    public async Task Field_selectors_select_by_name()
    {
        var created = await CreateConfigMapAsync("field");
        Assert.Equal([created.Name], Names(await GetAsync($"{ConfigMaps}?fieldSelector=metadata.name%3D{created.Name}")));
        Assert.DoesNotContain(created.Name, Names(await GetAsync($"{ConfigMaps}?fieldSelector=metadata.name!%3D{created.Name}")));
        Assert.Contains(created.Name, Names(await GetAsync($"/api/v1/configmaps?fieldSelector=metadata.namespace%3D{Fixture.Namespace}")));
    }

    [Fact]
    public async Task Field_selectors_know_what_a_Secrets_type_is()
    {
        var name = Unique("typed");
        (await PostAsync(Secrets, $$$"""{"apiVersion":"v1","kind":"Secret","metadata":{"name":"{{{name}}}"},"type":"example.com/mine"}""")).Succeeded(201);
        Assert.Equal([name], Names(await GetAsync($"{Secrets}?fieldSelector=type%3Dexample.com/mine")));
    }

    [Fact]
    public async Task A_field_that_cannot_be_selected_by_is_a_bad_request()
    {
        var answer = (await GetAsync($"{ConfigMaps}?fieldSelector=data.a%3Db")).Refused(400, "BadRequest");
        Assert.Contains("\\\"data.a\\\" is not a known field selector: only \\\"metadata.name\\\", \\\"metadata.namespace\\\"", answer.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_items_of_a_list_do_not_say_what_they_are()
    {
        var created = await CreateConfigMapAsync("item", "\"data\":{\"a\":\"b\"}");
        var item = (await GetAsync($"{ConfigMaps}?fieldSelector=metadata.name%3D{created.Name}")).Succeeded().Json["items"]![0]!.AsObject();
        Assert.Equal(["data", "metadata"], item.Select(p => p.Key).Order());
        var single = (await GetAsync($"{ConfigMaps}/{created.Name}")).Succeeded();
        Assert.StartsWith("{\"kind\":\"ConfigMap\",\"apiVersion\":\"v1\",", single.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_limit_or_a_continue_token_never_hides_objects_in_silence()
    {
        var set = await CreateSetAsync(7);
        var page = (await GetAsync($"{ConfigMaps}?labelSelector=set%3D{set}&limit=3")).Succeeded();
        Assert.True(Names(page).Count == 7 || page.Json["metadata"]!["continue"] is not null);
        (await GetAsync($"{ConfigMaps}?limit=1&continue=nonsense")).Refused(400, "BadRequest");
    }

    [Fact]
    public async Task Resource_version_zero_lists_what_there_is()
    {
        var created = await CreateConfigMapAsync("zero");
        await EventuallyAsync(async () => Names(await GetAsync($"{ConfigMaps}?resourceVersion=0")).Contains(created.Name), "the cache has it");
    }

    [Theory]
    [InlineData("resourceVersionMatch=Exact")]
    [InlineData("resourceVersion=0&resourceVersionMatch=Exact")]
    [InlineData("resourceVersion=5&resourceVersionMatch=Sometimes")]
    public async Task Combinations_that_make_no_sense_are_invalid(string query)
    {
        var answer = (await GetAsync($"{ConfigMaps}?{query}")).Refused(422, "Invalid");
        Assert.Contains("resourceVersionMatch", answer.CauseFields);
    }

    [Theory]
    [InlineData("resourceVersion=1&resourceVersionMatch=Exact")]
    [InlineData("resourceVersion=1&resourceVersionMatch=NotOlderThan")]
    [InlineData("resourceVersion=1&limit=1")]
    [InlineData("sendInitialEvents=true")]
    public async Task The_embedded_cluster_refuses_lists_of_an_earlier_state(string query)
    {
        Assert.SkipUnless(Fixture.Cluster.IsEmbedded, "a real cluster keeps earlier states");

        Assert.Contains("does not implement it", (await GetAsync($"{ConfigMaps}?{query}")).Refused(422, "Invalid").Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_version_that_is_no_number_is_refused()
    {
        var answer = await GetAsync($"{ConfigMaps}?resourceVersion=abc");
        Assert.True(answer.Code is 400 or 422, answer.Text);
    }

    [Fact]
    public async Task A_version_from_the_future_is_not_reached()
    {
        var answer = (await GetAsync($"{ConfigMaps}?resourceVersion=99999999999")).Refused(504, "Timeout");
        Assert.Equal("ResourceVersionTooLarge", (string?)answer.Json["details"]!["causes"]![0]!["reason"]);
        Assert.NotNull(answer.Json["details"]!["retryAfterSeconds"]);
    }

    [Fact]
    public async Task DeleteCollection_deletes_what_is_selected()
    {
        var set = await CreateSetAsync(3);
        var other = await CreateConfigMapAsync("other");
        (await DeleteAsync($"{ConfigMaps}?labelSelector=set%3D{set}")).Succeeded();
        await EventuallyAsync(async () => Names(await GetAsync($"{ConfigMaps}?labelSelector=set%3D{set}")).Count == 0, "the set is gone");
        (await GetAsync($"{ConfigMaps}/{other.Name}")).Succeeded();
    }

    [Fact]
    public async Task A_list_has_a_kind_and_a_version()
    {
        var list = (await GetAsync(ConfigMaps)).Succeeded();
        Assert.Equal("ConfigMapList", (string?)list.Json["kind"]);
        Assert.Equal("v1", (string?)list.Json["apiVersion"]);
        Assert.True(long.Parse((string)list.Json["metadata"]!["resourceVersion"]!, CultureInfo.InvariantCulture) > 0);
    }

    private static List<string> Names(Answer list) =>
        [.. list.Succeeded().Json["items"]!.AsArray().Select(i => (string)i!["metadata"]!["name"]!)];

    private async Task<string> CreateSetAsync(int count)
    {
        var set = Unique("set");
        for (var i = 0; i < count; i++)
        {
            var body = JsonNode.Parse(ConfigMap($"{set}-{i}"))!;
            body["metadata"]!["labels"] = new JsonObject { ["set"] = set };
            (await PostAsync(ConfigMaps, body.ToJsonString())).Succeeded(201);
        }

        return set;
    }
}
