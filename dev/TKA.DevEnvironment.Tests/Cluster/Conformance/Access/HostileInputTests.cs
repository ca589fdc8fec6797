using System.Text.Json.Nodes;
using Xunit;

namespace TKA.DevEnvironment.Tests.Cluster.Conformance.Access;

/// <summary>Damaged bodies for everything that decides about access: refused with a Status, never a fault of the server.</summary>
public sealed class HostileInputTests(ConformanceFixture fixture) : AccessTests(fixture)
{
    private const int Rounds = 60;

    public static TheoryData<string, string> Bodies => new()
    {
        { "/api/v1/namespaces/NS/serviceaccounts/default/token", """{"kind":"TokenRequest","apiVersion":"authentication.k8s.io/v1","spec":{"audiences":["a"],"expirationSeconds":600}}""" },
        { "/apis/authentication.k8s.io/v1/tokenreviews", """{"spec":{"token":"a.b.c","audiences":["a"]}}""" },
        { "/apis/authorization.k8s.io/v1/subjectaccessreviews", """{"spec":{"user":"u","groups":["g"],"extra":{"k":["v"]},"resourceAttributes":{"verb":"get","group":"","resource":"pods","subresource":"log","name":"n","namespace":"ns"}}}""" },
        { "/apis/authorization.k8s.io/v1/selfsubjectrulesreviews", """{"spec":{"namespace":"default"}}""" },
        { "/apis/rbac.authorization.k8s.io/v1/namespaces/NS/roles?dryRun=All", """{"metadata":{"name":"r"},"rules":[{"verbs":["get"],"apiGroups":[""],"resources":["pods"],"resourceNames":["a"]}]}""" },
        { "/apis/rbac.authorization.k8s.io/v1/clusterroles?dryRun=All", """{"metadata":{"name":"r"},"aggregationRule":{"clusterRoleSelectors":[{"matchLabels":{"a":"b"},"matchExpressions":[{"key":"k","operator":"In","values":["v"]}]}]},"rules":[{"verbs":["get"],"nonResourceURLs":["/x"]}]}""" },
        { "/apis/rbac.authorization.k8s.io/v1/namespaces/NS/rolebindings?dryRun=All", """{"metadata":{"name":"b"},"roleRef":{"apiGroup":"rbac.authorization.k8s.io","kind":"ClusterRole","name":"view"},"subjects":[{"kind":"ServiceAccount","name":"a","namespace":"b"}]}""" },
        { "/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicies?dryRun=All", """{"metadata":{"name":"p"},"spec":{"failurePolicy":"Fail","matchConstraints":{"resourceRules":[{"apiGroups":[""],"apiVersions":["v1"],"operations":["CREATE"],"resources":["pods"],"scope":"*"}],"namespaceSelector":{"matchLabels":{"a":"b"}}},"variables":[{"name":"v","expression":"1"}],"matchConditions":[{"name":"c","expression":"true"}],"validations":[{"expression":"variables.v == 1","message":"m","reason":"Forbidden","messageExpression":"'a'"}]}}""" },
        { "/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicybindings?dryRun=All", """{"metadata":{"name":"p"},"spec":{"policyName":"p","validationActions":["Deny"],"matchResources":{"objectSelector":{"matchExpressions":[{"key":"k","operator":"Exists"}]}},"paramRef":{"name":"n","namespace":"ns","parameterNotFoundAction":"Deny"}}}""" },
    };

    [Theory]
    [MemberData(nameof(Bodies))]
    public async Task A_damaged_body_is_never_a_fault(string path, string body)
    {
        var random = new Random(20261124);
        path = path.Replace("NS", Fixture.Namespace, StringComparison.Ordinal);
        for (var round = 0; round < Rounds; round++)
        {
            var damaged = JsonNode.Parse(body)!;
            for (var damages = 1 + random.Next(3); damages > 0; damages--)
            {
                Damage(damaged, random);
            }

            var answer = await PostAsync(path, damaged.ToJsonString());

            Assert.True(answer.Code is 200 or 201 or (>= 400 and < 500), $"{answer.Code} for {damaged.ToJsonString()}: {answer.Text}");
            if (answer.Code >= 400)
            {
                Assert.Equal("Status", (string?)answer.Json["kind"]);
            }
        }
    }

    private static void Damage(JsonNode root, Random random)
    {
        var places = Places(root).ToList();
        if (places.Count == 0)
        {
            return;
        }

        var (parent, key) = places[random.Next(places.Count)];
        JsonNode? value = random.Next(9) switch
        {
            0 => null,
            1 => random.Next(-5, 5),
            2 => "",
            3 => "\u0000/..%\ud800'\"",
            4 => new JsonArray(),
            5 => new JsonObject(),
            6 => new JsonArray(new JsonObject(), null, 1, "x"),
            7 => true,
            _ => 1e300,
        };
        if (parent is JsonObject map)
        {
            map[(string)key] = value;
        }
        else
        {
            ((JsonArray)parent)[(int)key] = value;
        }
    }

    private static IEnumerable<(JsonNode Parent, object Key)> Places(JsonNode? node)
    {
        switch (node)
        {
            case JsonObject map:
                foreach (var (name, child) in map)
                {
                    yield return (map, name);
                    foreach (var place in Places(child))
                    {
                        yield return place;
                    }
                }

                break;
            case JsonArray list:
                for (var i = 0; i < list.Count; i++)
                {
                    yield return (list, i);
                    foreach (var place in Places(list[i]))
                    {
                        yield return place;
                    }
                }

                break;
        }
    }
}
