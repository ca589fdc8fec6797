using Xunit;

namespace TKA.DevEnvironment.Tests.Cluster.Conformance;

/// <summary>Cases on a custom resource <c>widgets</c> of the class's own group.</summary>
public abstract class CustomResourceTestBase(ConformanceFixture fixture) : ConformanceTests(fixture), IAsyncLifetime
{
    protected string Group => Fixture.Group;

    protected string Definition => $"/apis/apiextensions.k8s.io/v1/customresourcedefinitions/widgets.{Group}";

    protected string Widgets => $"/apis/{Group}/v1/namespaces/{Fixture.Namespace}/widgets";

    public async ValueTask InitializeAsync()
    {
        if ((await GetAsync(Definition)).Code == 404)
        {
            (await PostAsync("/apis/apiextensions.k8s.io/v1/customresourcedefinitions", DefinitionBody(Group))).Succeeded(201);
            Fixture.Cluster.DeleteAtEnd(() => DeleteAsync(Definition));
        }

        await EventuallyAsync(async () => (await GetAsync(Widgets)).Code == 200, "widgets are served");
    }

    public ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        return ValueTask.CompletedTask;
    }

    protected Task<Answer> CreateAsync(string name, string spec, string query = "") => PostAsync(
        Widgets + query,
        $$$$"""{"apiVersion":"{{{{Group}}}}/v1","kind":"Widget","metadata":{"name":"{{{{name}}}}"},"spec":{{{{spec}}}}}""");

    protected static string DefinitionBody(string group, string plural = "widgets", string more = "") => $$$$$$$$$$$$"""
        {"apiVersion":"apiextensions.k8s.io/v1","kind":"CustomResourceDefinition","metadata":{"name":"{{{{{{{{{{{{plural}}}}}}}}}}}}.{{{{{{{{{{{{group}}}}}}}}}}}}"},
         "spec":{"group":"{{{{{{{{{{{{group}}}}}}}}}}}}","scope":"Namespaced","names":{"plural":"{{{{{{{{{{{{plural}}}}}}}}}}}}","kind":"Widget","shortNames":["wd"],"categories":["conformance"]},
          "versions":[
           {"name":"v1","served":true,"storage":true,"subresources":{"status":{}},
            "additionalPrinterColumns":[
             {"name":"Color","type":"string","jsonPath":".spec.color"},
             {"name":"Ready","type":"string","jsonPath":".status.conditions[?(@.type==\"Ready\")].status"},
             {"name":"Size","type":"integer","jsonPath":".spec.size","priority":1},
             {"name":"Age","type":"date","jsonPath":".metadata.creationTimestamp"}],
            "schema":{"openAPIV3Schema":{"type":"object","required":["spec"],"properties":{
             "spec":{"type":"object","required":["color"],
              "x-kubernetes-validations":[
               {"rule":"!has(oldSelf.owner) || has(self.owner)","message":"owner cannot be removed"},
               {"rule":"!has(self.size) || self.size != 13","message":"unlucky"}],
              "properties":{
               "color":{"type":"string","enum":["red","green","blue"]},
               "code":{"type":"string","pattern":"^[a-z]+-[0-9]+$","minLength":3,"maxLength":10},
               "size":{"type":"integer","minimum":1,"maximum":100},
               "owner":{"type":"string","x-kubernetes-validations":[{"rule":"self == oldSelf","message":"owner is immutable"}]},
               "mode":{"type":"string","default":"standard"},
               "tags":{"type":"array","maxItems":3,"x-kubernetes-list-type":"set","items":{"type":"string"}},
               "ports":{"type":"array","x-kubernetes-list-type":"map","x-kubernetes-list-map-keys":["name"],
                "items":{"type":"object","required":["name"],"properties":{"name":{"type":"string"},"number":{"type":"integer","default":80}}}},
               "labels":{"type":"object","additionalProperties":{"type":"string"}},
               "when":{"type":"string","format":"date-time"},
               "maybe":{"type":"string","nullable":true},
               "portion":{"x-kubernetes-int-or-string":true},
               "free":{"type":"object","x-kubernetes-preserve-unknown-fields":true}}},
             "status":{"type":"object","properties":{
              "size":{"type":"integer"},
              "conditions":{"type":"array","x-kubernetes-list-type":"map","x-kubernetes-list-map-keys":["type"],
               "items":{"type":"object","required":["type","status"],"properties":{"type":{"type":"string"},"status":{"type":"string"}}}}}}}}}}]}{{{{{{{{{{{{more}}}}}}}}}}}}}
        """;
}
