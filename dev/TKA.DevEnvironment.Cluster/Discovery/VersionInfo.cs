using System.Runtime.InteropServices;

namespace TKA.DevEnvironment.Cluster.Discovery;

/// <summary><c>/version</c>: the Kubernetes version whose API this server is a subset of, marked as ours by its build metadata.</summary>
internal static class VersionInfo
{
    public const string GitVersion = "v1.36.0+tka";

    /// <summary>Body of <c>/version</c>.</summary>
    public static JsonObject ToJson() => new()
    {
        ["major"] = "1",
        ["minor"] = "36",
        ["emulationMajor"] = "1",
        ["emulationMinor"] = "36",
        ["minCompatibilityMajor"] = "1",
        ["minCompatibilityMinor"] = "35",
        ["gitVersion"] = GitVersion,
        ["gitCommit"] = "",
        ["gitTreeState"] = "clean",
        ["buildDate"] = "2026-11-24T00:00:00Z",
        ["goVersion"] = "",
        ["compiler"] = $".NET {Environment.Version}",
        ["platform"] = $"{(OperatingSystem.IsWindows() ? "windows" : OperatingSystem.IsMacOS() ? "darwin" : "linux")}/{(RuntimeInformation.OSArchitecture == Architecture.Arm64 ? "arm64" : "amd64")}",
    };
}
