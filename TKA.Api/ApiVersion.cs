using System.Reflection;

namespace TKA.Api;

/// <summary>The version of this build.</summary>
internal static class ApiVersion
{
    /// <summary>As released, without build metadata.</summary>
    public static string Text { get; } =
        typeof(ApiVersion).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "0.0.0";
}
