using TKA.Operator.Options;
using TKA.Operator.Sessions.Leaving;
using Xunit;

namespace TKA.Tests.Operator;

public sealed class LeavingPolicyTests
{
    /// <summary>
    /// A policy with parameters is judged, its conditions included, once for each TkaSignin. Without names in its rules the API server did
    /// that for each ServiceAccount and each binding of a session that ended. It refuses a name that is there twice.
    /// </summary>
    [Fact]
    public void Deletions_of_other_objects_are_not_judged_once_for_each_session()
    {
        var policy = LeavingPolicy.Policy(new LeavingNames(), new OperatorOptions(), owner: null);

        Assert.All(policy.Spec.MatchConstraints.ResourceRules, rule =>
        {
            Assert.Contains("tka-operator", rule.ResourceNames);
            Assert.Distinct(rule.ResourceNames);
        });
    }
}
