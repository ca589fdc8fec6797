using TKA.DevEnvironment.Cluster.Authentication;

namespace TKA.DevEnvironment.Cluster.Authorization;

/// <summary>Lists what the caller may do in a namespace (<c>kubectl auth can-i --list</c>).</summary>
internal sealed class SelfSubjectRulesReviewHandler(RbacAuthorizer authorizer)
    : CreateHandler("authorization.k8s.io", "selfsubjectrulesreviews", "SelfSubjectRulesReview")
{
    public override JsonObject Create(UserInfo user, RequestInfo request, JsonObject body)
    {
        var @namespace = body.Text("spec", "namespace");
        if (@namespace.Length == 0)
        {
            throw new StatusException(400, "BadRequest", "no namespace on request");
        }

        var (rules, missing) = authorizer.RulesFor(user, @namespace);
        var (resourceRules, nonResourceRules) = (new JsonArray(), new JsonArray());
        foreach (var rule in rules)
        {
            if (rule.Resources.Count > 0)
            {
                resourceRules.Add((rule with { NonResourceUrls = [] }).ToJson());
            }

            if (rule.NonResourceUrls.Count > 0)
            {
                nonResourceRules.Add(new PolicyRule(rule.Verbs, [], [], [], rule.NonResourceUrls).ToJson());
            }
        }

        var status = new JsonObject { ["resourceRules"] = resourceRules, ["nonResourceRules"] = nonResourceRules, ["incomplete"] = false };
        if (missing.Count > 0)
        {
            status["evaluationError"] = RbacAuthorizer.Join(missing);
        }

        return Answer(new JsonObject(), status);
    }
}
