using TKA.Contracts.Rest;

namespace TKA.Orchestrator.Problems;

/// <summary>The orchestrator's own problems; those about the caller's identity come from TKA.Tailscale.</summary>
internal static class OrchestratorProblems
{
    private static readonly TimeSpan RetryUnavailable = TimeSpan.FromSeconds(2);

    public static Problem NotJson(string why) => Of(400, "bad-request", "Not JSON", $"The request body is not JSON: {why}", "Send a cluster as application/json; see /openapi/v1.json.");

    public static Problem Selector(string why) => Of(400, "label-selector", "Label selector cannot be read", $"label_selector: {why}", "Write it as kubectl takes it: env=prod,tier in (a,b),!old");

    public static Problem Invalid(IReadOnlyList<string> errors) => Of(422, "invalid-cluster", "Cluster is not valid", string.Join(" ", errors), [.. errors]);

    public static Problem NameTaken(string name, string holder) => Of(
        403, "name-taken", "Name is taken", $"The cluster {name} was registered by {holder}, from another node.",
        "Register under another name.",
        "If the node was replaced, have an admin of TKA remove the old registration: DELETE /orchestrator/v1alpha1/clusters/" + name);

    public static Problem TooMany(int most) => Of(403, "too-many-clusters", "Too many clusters", $"This node has registered {most} clusters, the most it may.", "Remove one first.");

    public static Problem TagNotAllowed(string node) => Of(403, "tag-not-allowed", "Tag may not register", $"{node} has no tag that may register clusters here.", "Operators: see orchestrator:registrarTags.");

    public static Problem NotFound(string name) => Of(404, "no-such-cluster", "No such cluster", $"There is no cluster named {name}.", "List them: GET /orchestrator/v1alpha1/clusters");

    public static Problem NoSuchPath { get; } = Of(404, "not-found", "Not found", "There is nothing at this path.", "The API is at /orchestrator/v1alpha1; its description at /openapi/v1.json.");

    public static Problem StateUnavailable { get; } = Of(503, "state-unavailable", "Registry is not available", "The registry's state store cannot be reached.", "Try again in a few seconds.", "Operators: check the Dapr sidecar and its state store component.");

    public static Problem Internal { get; } = Of(500, "internal", "Unexpected failure", "The request failed in a way that was not foreseen.", "Give the operators the traceId.");

    public static Problem ForStatus(int status) => status switch
    {
        404 => NoSuchPath,
        405 => Of(405, "method-not-allowed", "Method not allowed", "This path does not take that method.", "See the Allow header."),
        413 => Of(413, "too-large", "Body too large", "The request body is too large.", "A cluster needs a few hundred bytes."),
        415 => Of(415, "unsupported-media-type", "Not JSON", "The request body is not marked as JSON.", "Send Content-Type: application/json."),
        >= 500 => Internal,
        _ => Of(status, "refused", "Request refused", "The request was refused."),
    };

    private static Problem Of(int status, string code, string title, string detail, params string[] advice) => new()
    {
        Type = Problem.TypePrefix + code,
        Title = title,
        Status = status,
        Detail = detail,
        Message = detail,
        Advice = advice,
        RetryAfter = status == 503 ? RetryUnavailable : null,
    };
}
