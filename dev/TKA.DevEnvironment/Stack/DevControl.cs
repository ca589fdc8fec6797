namespace TKA.DevEnvironment.Stack;

/// <summary>Paths with which an AppHost controls the development servers, on the port of their readiness.</summary>
internal static class DevControl
{
    /// <summary>POST: requests to the embedded Dapr hang.</summary>
    public const string PauseDapr = "/dapr/pause";

    /// <summary>POST: they are answered again.</summary>
    public const string ResumeDapr = "/dapr/resume";
}
