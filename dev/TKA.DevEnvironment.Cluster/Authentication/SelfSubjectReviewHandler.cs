namespace TKA.DevEnvironment.Cluster.Authentication;

/// <summary><c>authentication.k8s.io/v1 SelfSubjectReview</c>: who the server takes the caller for (<c>kubectl auth whoami</c>).</summary>
internal sealed class SelfSubjectReviewHandler(TimeProvider time) : CreateHandler("authentication.k8s.io", "selfsubjectreviews", "SelfSubjectReview")
{
    public override JsonObject Create(UserInfo user, RequestInfo request, JsonObject body) =>
        Answer(null, new JsonObject { ["userInfo"] = user.ToJson() }, new JsonObject { ["creationTimestamp"] = Timestamps.Now(time) });
}
