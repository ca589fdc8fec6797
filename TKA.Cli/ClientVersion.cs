using System.Reflection;

namespace TKA.Cli;

/// <summary>Version of this program.</summary>
internal static class ClientVersion
{
    /// <summary>For example <c>0.1.0</c>, without build metadata.</summary>
    public static string Number { get; } =
        typeof(ClientVersion).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "0.0.0";
}
