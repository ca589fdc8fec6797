namespace TKA.DevEnvironment.Cluster.Authentication;

/// <summary><c>authentication.k8s.io/v1 SelfSubjectReview</c>: who the server takes the caller for (<c>kubectl auth whoami</c>).</summary>
internal sealed class SelfSubjectReviewHandler(TimeProvider time) : CreateHandler("authentication.k8s.io", "selfsubjectreviews", "SelfSubjectReview")
{
    public override ValueTask<JsonObject> CreateAsync(UserInfo user, RequestInfo request, JsonObject body, CancellationToken cancellationToken) =>
        ValueTask.FromResult(new JsonObject
        {
            ["kind"] = Kind,
            ["apiVersion"] = "authentication.k8s.io/v1",
            ["metadata"] = new JsonObject { ["creationTimestamp"] = Timestamps.Now(time) },
            ["status"] = new JsonObject { ["userInfo"] = user.ToJson() },
        });
}
