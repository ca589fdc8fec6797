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
        403, "name-taken", "Name is taken", $"The cluster {name} is registered by another installation, {holder}.",
        "Give this cluster another name: operator.clusterName of its API.",
        "If this is the same cluster, set up anew, wait until the old registration is stale, or have an admin of TKA remove it: DELETE /orchestrator/v1alpha1/clusters/" + name);

    public static Problem TagNotAllowed(string node, string tag) => Of(
        403, "tag-not-allowed", "Tag may not register", $"{node} has no tag that may register clusters here.",
        tag.Length > 0 ? $"Give the node {tag} in the tailnet policy, or register as a person with an admin rule." : "Register as a person with an admin rule.");

    public static Problem NotACluster(string why) => Of(
        422, "not-a-cluster", "No TKA API at the caller's node", why,
        "A registration is a request to be looked at: the node that sends it must serve TKA's API at its own name, with a valid certificate, to the orchestrator's node.",
        "Check that the tailnet policy lets the orchestrator reach that port.");

    public static Problem StillServing(string name) => Of(
        409, "still-serving", "Cluster still serves", $"The node's API still answers for {name}.", "Stop it first, or have an admin of TKA remove the registration.");

    public static Problem Parameter(string name, string value, string advice) =>
        Of(400, "bad-request", "Parameter cannot be used", $"{name} is '{new string([.. value.Take(100).Select(letter => char.IsControl(letter) ? '?' : letter)])}'.", advice);

    public static Problem TooManyWatchers { get; } = Of(503, "too-many-watchers", "Too many watchers", "This replica serves as many watchers as it can.", "Try again later, or list instead.");

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
