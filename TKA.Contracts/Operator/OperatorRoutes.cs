namespace TKA.Contracts.Operator;

/// <summary>
/// The operator's token service, called by the API with its own projected ServiceAccount token as bearer
/// (audience <see cref="Audience"/>, checked by TokenReview).
/// </summary>
public static class OperatorRoutes
{
    /// <summary>Audience of the API's ServiceAccount token.</summary>
    public const string Audience = "tka-operator";

    /// <summary>Template of the path to <c>POST</c> a <see cref="SessionTokenRequest"/> to.</summary>
    public const string SessionToken = "/v1/sessions/{name}/token";

    /// <summary>Path to <c>GET</c> a <see cref="SessionHistory"/> from.</summary>
    public const string History = "/v1/history";

    /// <summary>Path for one session.</summary>
    public static string ForSession(string name) => $"/v1/sessions/{Uri.EscapeDataString(name)}/token";
}
