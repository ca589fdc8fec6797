using System.Globalization;

namespace TKA.DevEnvironment.Cluster.Discovery;

/// <summary><c>/version</c>: the Kubernetes version whose API this server is a subset of, marked as ours by its build metadata.</summary>
internal sealed record VersionInfo(string Major, string Minor, string GitVersion)
{
    /// <summary>What is served.</summary>
    public static VersionInfo Current { get; } = new("1", "36", "v1.36.0+tka");

    /// <summary>Body of <c>/version</c>.</summary>
    public JsonObject ToJson() => new()
    {
        ["major"] = Major,
        ["minor"] = Minor,
        ["emulationMajor"] = Major,
        ["emulationMinor"] = Minor,
        ["minCompatibilityMajor"] = Major,
        ["minCompatibilityMinor"] = (int.Parse(Minor, CultureInfo.InvariantCulture) - 1).ToString(CultureInfo.InvariantCulture),
        ["gitVersion"] = GitVersion,
        ["gitCommit"] = "",
        ["gitTreeState"] = "clean",
        ["buildDate"] = "2026-11-24T00:00:00Z",
        ["goVersion"] = "",
        ["compiler"] = $".NET {Environment.Version}",
        ["platform"] = $"{(OperatingSystem.IsWindows() ? "windows" : OperatingSystem.IsMacOS() ? "darwin" : "linux")}/{(System.Runtime.InteropServices.RuntimeInformation.OSArchitecture == System.Runtime.InteropServices.Architecture.Arm64 ? "arm64" : "amd64")}",
    };
}
