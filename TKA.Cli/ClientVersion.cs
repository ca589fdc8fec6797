namespace TKA.Cli;

/// <summary>Version of this program: <c>Number</c>, for example <c>0.1.0</c>, is written by the build.</summary>
internal static partial class ClientVersion;
