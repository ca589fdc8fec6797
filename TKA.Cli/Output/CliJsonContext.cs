using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using TKA.Cli.Sessions;
using TKA.Contracts.Orchestrator;
using TKA.Contracts.Rest;

namespace TKA.Cli.Output;

/// <summary>Source-generated serialization of what the command prints and of its own files.</summary>
[JsonSerializable(typeof(AccessResponse))]
[JsonSerializable(typeof(Cluster))]
[JsonSerializable(typeof(ClusterInfo))]
[JsonSerializable(typeof(ClusterList))]
[JsonSerializable(typeof(ConfigOutput))]
[JsonSerializable(typeof(ConfigValueOutput))]
[JsonSerializable(typeof(DoctorOutput))]
[JsonSerializable(typeof(EndedOutput))]
[JsonSerializable(typeof(System.Text.Json.Nodes.JsonObject))]
[JsonSerializable(typeof(LogoutOutput))]
[JsonSerializable(typeof(ErrorOutput))]
[JsonSerializable(typeof(SessionList))]
[JsonSerializable(typeof(SessionOutput))]
[JsonSerializable(typeof(SessionOutputList))]
[JsonSerializable(typeof(SessionRecord))]
[JsonSerializable(typeof(VersionOutput))]
[JsonSerializable(typeof(string))]
internal sealed partial class CliJsonContext : JsonSerializerContext
{
    /// <summary>Indented, and with readable text rather than <c>\u0027</c>: the output is no HTML.</summary>
    public static CliJsonContext Indented { get; } = new(new JsonSerializerOptions
    {
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    });
}
