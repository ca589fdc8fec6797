using System.Text.Json.Nodes;
using TKA.DevEnvironment.Tests.Cluster.Conformance;
using Xunit;

namespace TKA.DevEnvironment.Tests.Cluster.Kubectl;

/// <summary>Stock kubectl is the judge of the embedded cluster: what people type must do what it does everywhere.</summary>
public sealed class KubectlTests(ConformanceFixture fixture) : CustomResourceTestBase(fixture)
{
    private Kubectl Kubectl => field ??= new Kubectl(Fixture.Cluster.AdminKubeconfigPath, Fixture.Namespace);

    [Fact]
    public async Task Create_get_and_delete()
    {
        Assert.Equal("configmap/plain created\n", await Kubectl.RunAsync("create configmap plain --from-literal=a=b"));
        Assert.Matches(@"^NAME +DATA +AGE\nplain +1 +\d+s\n$", await Kubectl.RunAsync("get configmap plain"));
        Assert.Equal("b", await Kubectl.RunAsync("get cm plain -o jsonpath={.data.a}"));
        Assert.Equal("NAME    A\nplain   b\n", await Kubectl.RunAsync("get cm plain -o custom-columns=NAME:.metadata.name,A:.data.a"));
        Assert.Equal("ConfigMap", (string?)JsonNode.Parse(await Kubectl.RunAsync("get cm plain -o json"))!["kind"]);
        Assert.Contains("\nkind: ConfigMap\n", await Kubectl.RunAsync("get cm plain -o yaml"), StringComparison.Ordinal);
        Assert.Equal("configmap/plain\n", await Kubectl.RunAsync("get cm plain -o name"));
        Assert.Equal("configmap \"plain\" deleted\n", (await Kubectl.RunAsync("delete cm plain")).Replace($" from {Fixture.Namespace} namespace", "", StringComparison.Ordinal));
        var (exit, _, error) = await Kubectl.TryAsync("get cm plain");
        Assert.Equal(1, exit);
        Assert.Equal("Error from server (NotFound): configmaps \"plain\" not found\n", error);
    }

    [Fact]
    public async Task Create_makes_what_its_subcommands_say()
    {
        await Kubectl.RunAsync("create secret generic made --from-literal=a=b");
        Assert.Equal("Yg==", await Kubectl.RunAsync("get secret made -o jsonpath={.data.a}"));
        await Kubectl.RunAsync("create serviceaccount made");
        await Kubectl.RunAsync("create deployment made --image=registry.k8s.io/pause:3.10 --replicas=0 --port=80");
        Assert.Equal("0/80", await Kubectl.RunAsync("get deployment made -o jsonpath={.spec.replicas}/{.spec.template.spec.containers[0].ports[0].containerPort}"));
        await Kubectl.RunAsync("create role made --verb=get,list --resource=pods");
        await Kubectl.RunAsync($"create rolebinding made --role=made --serviceaccount={Fixture.Namespace}:made");
        Assert.Equal("pods", await Kubectl.RunAsync("get role made -o jsonpath={.rules[0].resources[0]}"));
        Assert.Matches($@"made +Role/made +\d+s +{Fixture.Namespace}/made", await Kubectl.RunAsync("get rolebinding made -o wide"));
        await Kubectl.RunAsync("create service clusterip made --tcp=80:8080");
        Assert.Equal("8080", await Kubectl.RunAsync("get service made -o jsonpath={.spec.ports[0].targetPort}"));
    }

    [Fact]
    public async Task Creating_what_nothing_runs_fails_with_one_clear_line()
    {
        Assert.SkipUnless(Fixture.Cluster.IsEmbedded, "a real cluster runs it");

        var (exit, _, error) = await Kubectl.TryAsync("run made --image=registry.k8s.io/pause:3.10");

        Assert.Equal(1, exit);
        Assert.Equal("Error from server (NotImplemented): the embedded cluster does not implement writing pods; use a real cluster (--cluster kubeconfig)\n", error);
    }

    [Fact]
    public async Task Lists_are_selected_sorted_and_shown_with_labels()
    {
        foreach (var (name, tier) in new[] { ("sel-b", "web"), ("sel-a", "web"), ("sel-c", "db") })
        {
            await Kubectl.RunAsync($"create configmap {name}");
            await Kubectl.RunAsync($"label configmap {name} tier={tier}");
        }

        Assert.Equal("configmap/sel-a\nconfigmap/sel-b\n", await Kubectl.RunAsync("get cm -l tier=web -o name"));
        Assert.Equal("configmap/sel-c\n", await Kubectl.RunAsync("get cm --selector tier=db -o name"));
        Assert.Equal("sel-a sel-b sel-c", await Kubectl.RunAsync("get cm -l tier --sort-by=.metadata.name -o jsonpath={.items[*].metadata.name}"));
        Assert.Contains("tier=db", await Kubectl.RunAsync("get cm sel-c --show-labels"), StringComparison.Ordinal);
        Assert.Matches(@"NAMESPACE +NAME +DATA +AGE\n", await Kubectl.RunAsync("get cm -A"));
        Assert.Equal("configmap/sel-a\n", await Kubectl.RunAsync("get cm --field-selector metadata.name=sel-a -o name"));
        Assert.Equal("3", (await Kubectl.RunAsync("get cm -l tier --chunk-size=1 -o name")).Count(c => c == '\n').ToString(System.Globalization.CultureInfo.InvariantCulture));
    }

    [Fact]
    public async Task Custom_resources_have_short_names_categories_and_columns()
    {
        (await CreateAsync("shown", """{"color":"red","size":3}""")).Succeeded(201);
        Assert.Matches(@"^NAME +COLOR +READY +AGE\nshown +red +\d+s\n$", await Kubectl.RunAsync("get wd shown"));
        Assert.Matches(@"^NAME +COLOR +READY +SIZE +AGE\n", await Kubectl.RunAsync("get widget shown -o wide"));
        Assert.Contains("shown", await Kubectl.RunAsync("get conformance"), StringComparison.Ordinal);
        Assert.Contains("widgets", await Kubectl.RunAsync($"api-resources --api-group={Group}"), StringComparison.Ordinal);
        Assert.Contains($"{Group}/v1\n", await Kubectl.RunAsync("api-versions"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Explain_reads_the_definitions_schema()
    {
        await EventuallyAsync(async () => (await Kubectl.TryAsync("explain widgets.spec")).ExitCode == 0, "the schema is published");
        var text = await Kubectl.RunAsync("explain widgets.spec");
        Assert.Contains("KIND:       Widget", text, StringComparison.Ordinal);
        Assert.Matches(@"color\t<string> -required-", text);
        Assert.Matches(@"size\t<integer>", text);
        Assert.Matches("<string>", await Kubectl.RunAsync("explain widgets.spec.color"));
        Assert.Contains("KIND:       Deployment", await Kubectl.RunAsync("explain deployment.spec"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Apply_creates_changes_and_removes()
    {
        Assert.Equal("deployment.apps/applied created\n", await Kubectl.RunAsync("apply -f -", Workloads.Deployment("applied")));
        Assert.Equal("deployment.apps/applied unchanged\n", await Kubectl.RunAsync("apply -f -", Workloads.Deployment("applied")));
        var changed = Workloads.Deployment("applied").Replace(""","env":[{"name":"A","value":"1"}]""", "", StringComparison.Ordinal);
        Assert.Equal("deployment.apps/applied configured\n", await Kubectl.RunAsync("apply -f -", changed));
        Assert.Equal("", await Kubectl.RunAsync("get deployment applied -o jsonpath={.spec.template.spec.containers[0].env}"));
        Assert.Equal("deployment.apps/applied serverside-applied\n", await Kubectl.RunAsync("apply --server-side --force-conflicts -f -", changed));
        await Kubectl.RunAsync("delete -f -", changed);
    }

    [Fact]
    public async Task Server_side_apply_reports_conflicts()
    {
        const string One = """{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"ssa"},"data":{"a":"1"}}""";
        Assert.Equal("configmap/ssa serverside-applied\n", await Kubectl.RunAsync("apply --server-side --field-manager=one -f -", One));
        var (exit, _, error) = await Kubectl.TryAsync("apply --server-side --field-manager=two -f -", One.Replace("\"1\"", "\"2\"", StringComparison.Ordinal));
        Assert.Equal(1, exit);
        Assert.Contains("conflict with \"one\"", error, StringComparison.Ordinal);
        Assert.Contains(".data.a", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Typos_are_found_before_anything_is_stored()
    {
        var (exit, _, error) = await Kubectl.TryAsync("apply -f -", """{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"typo"},"dta":{}}""");
        Assert.Equal(1, exit);
        Assert.Contains("unknown field \"dta\"", error, StringComparison.Ordinal);
        Assert.Equal(1, (await Kubectl.TryAsync("get cm typo")).ExitCode);
    }

    [Fact]
    public async Task Diff_shows_what_apply_would_change()
    {
        const string Before = """{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"diffed"},"data":{"a":"before"}}""";
        await Kubectl.RunAsync("apply -f -", Before);
        Assert.Equal(0, (await Kubectl.TryAsync("diff -f -", Before)).ExitCode);
        var (exit, output, error) = await Kubectl.TryAsync("diff -f -", Before.Replace("before", "after", StringComparison.Ordinal));
        Assert.True(exit == 1, error);
        Assert.Contains("-  a: before", output, StringComparison.Ordinal);
        Assert.Contains("+  a: after", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Edit_changes_through_an_editor()
    {
        await Kubectl.RunAsync("create configmap edited --from-literal=a=before");
        Kubectl.Environment["KUBE_EDITOR"] = "sed -i s/before/after/";
        Assert.Equal("configmap/edited edited\n", await Kubectl.RunAsync("edit configmap edited"));
        Assert.Equal("after", await Kubectl.RunAsync("get cm edited -o jsonpath={.data.a}"));
    }

    [Fact]
    public async Task Patch_label_and_annotate()
    {
        await Kubectl.RunAsync("create configmap marked --from-literal=a=b");
        Assert.Equal("configmap/marked patched\n", await Kubectl.RunAsync("patch cm marked -p {\"data\":{\"c\":\"d\"}}"));
        Assert.Equal("configmap/marked patched\n", await Kubectl.RunAsync("patch cm marked --type=json -p [{\"op\":\"remove\",\"path\":\"/data/a\"}]"));
        Assert.Equal("configmap/marked patched\n", await Kubectl.RunAsync("patch cm marked --type=merge -p {\"data\":{\"e\":\"f\"}}"));
        Assert.Equal("""{"c":"d","e":"f"}""", await Kubectl.RunAsync("get cm marked -o jsonpath={.data}"));
        Assert.Equal("configmap/marked labeled\n", await Kubectl.RunAsync("label cm marked tier=web"));
        Assert.Contains("not labeled", await Kubectl.RunAsync("label cm marked tier=web"), StringComparison.Ordinal);
        Assert.Equal("configmap/marked annotated\n", await Kubectl.RunAsync("annotate cm marked note=hello"));
        Assert.Equal("configmap/marked unlabeled\n", await Kubectl.RunAsync("label cm marked tier-"));
        Assert.Equal("hello", await Kubectl.RunAsync("get cm marked -o jsonpath={.metadata.annotations.note}"));
    }

    [Fact]
    public async Task Describe_shows_objects_and_their_events()
    {
        (await CreateAsync("described", """{"color":"red"}""")).Succeeded(201);
        var uid = await Kubectl.RunAsync("get widget described -o jsonpath={.metadata.uid}");
        await Kubectl.RunAsync("create -f -", $$$"""
            {"apiVersion":"v1","kind":"Event","metadata":{"generateName":"described-","namespace":"{{{Fixture.Namespace}}}"},
             "eventTime":"2026-11-24T08:00:00.000000Z","reportingComponent":"tests/one","reportingInstance":"one","action":"Testing","reason":"Noticed",
             "message":"somebody looked","type":"Normal",
             "involvedObject":{"apiVersion":"{{{Group}}}/v1","kind":"Widget","namespace":"{{{Fixture.Namespace}}}","name":"described","uid":"{{{uid}}}"}}
            """);

        var text = await Kubectl.RunAsync("describe widget described");
        Assert.Matches(@"Name: +described\n", text);
        Assert.Matches(@"Color: +red\n", text);
        Assert.Matches("Noticed .*somebody looked", text);

        Assert.Contains("somebody looked", await Kubectl.RunAsync("events --for widget/described"), StringComparison.Ordinal);
        Assert.Contains("somebody looked", await Kubectl.RunAsync("get events"), StringComparison.Ordinal);

        await Kubectl.RunAsync("apply -f -", Workloads.Deployment("described"));
        Assert.Matches(@"Selector: +app=described\n", await Kubectl.RunAsync("describe deployment described"));
        await StorePodAsync("described");
        Assert.Matches(@"Image: +registry\.k8s\.io/pause", await Kubectl.RunAsync("describe pod described"));
        Assert.Matches($@"Name: +{Fixture.Namespace}\n", await Kubectl.RunAsync($"describe namespace {Fixture.Namespace}"));
        await Kubectl.RunAsync("create secret generic described --from-literal=a=b");
        Assert.Matches(@"a: +1 byte", await Kubectl.RunAsync("describe secret described"));
    }

    [Fact]
    public async Task Delete_waits_for_finalizers_and_cascades()
    {
        await Kubectl.RunAsync("create -f -", """{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"held","finalizers":["a.test/hold"]}}""");
        var (exit, _, error) = await Kubectl.TryAsync("delete cm held --wait=true --timeout=1s");
        Assert.NotEqual(0, exit);
        Assert.Contains("timed out waiting", error, StringComparison.Ordinal);
        await Kubectl.RunAsync("patch cm held --type=merge -p {\"metadata\":{\"finalizers\":null}}");
        await Kubectl.RunAsync("wait --for=delete cm/held --timeout=20s");

        await Kubectl.RunAsync("create configmap owner");
        var uid = await Kubectl.RunAsync("get cm owner -o jsonpath={.metadata.uid}");
        var dependent = $$$"""{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"dependent","ownerReferences":[{"apiVersion":"v1","kind":"ConfigMap","name":"owner","uid":"{{{uid}}}"}]}}""";
        await Kubectl.RunAsync("create -f -", dependent);
        await Kubectl.RunAsync("delete cm owner");
        await Kubectl.RunAsync("wait --for=delete cm/dependent --timeout=20s");
    }

    [Fact]
    public async Task Wait_returns_when_the_condition_is_met()
    {
        (await CreateAsync("waited", """{"color":"red"}""")).Succeeded(201);
        var waiting = Kubectl.RunAsync("wait --for=condition=Ready widget/waited --timeout=30s");
        await Kubectl.RunAsync("patch widget waited --subresource=status --type=merge -p {\"status\":{\"conditions\":[{\"type\":\"Ready\",\"status\":\"True\"}]}}");
        Assert.Equal($"widget.{Group}/waited condition met\n", await waiting);
        await Kubectl.RunAsync("wait --for=jsonpath={.spec.color}=red widget/waited --timeout=10s");
        await Kubectl.RunAsync($"wait --for=condition=Established crd/widgets.{Group} --timeout=10s");
        var (exit, _, error) = await Kubectl.TryAsync("wait --for=condition=Happy widget/waited --timeout=1s");
        Assert.NotEqual(0, exit);
        Assert.Contains("timed out waiting for the condition", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Get_watches()
    {
        using var process = Kubectl.Start("get cm watched --watch-only -o name");
        try
        {
            // kubectl says nothing until the first event; the object is made over and over until it has seen one.
            var line = process.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken).AsTask();
            var round = 0;
            await EventuallyAsync(
                async () =>
                {
                    await PostAsync(ConfigMaps, ConfigMap("watched"));
                    await PatchAsync($"{ConfigMaps}/watched", $$$"""{"data":{"n":"{{{round++}}}"}}""");
                    return line.IsCompleted;
                },
                "kubectl reports the event");
            Assert.Equal("configmap/watched", await line);
        }
        finally
        {
            process.Kill();
        }
    }
}
