using System.Text.Json.Serialization;

namespace TKA.Tailscale.LocalApi;

/// <summary>Source-generated reading of tailscaled's answers; member names are Go's, fields TKA does not use are skipped.</summary>
[JsonSourceGenerationOptions(RespectNullableAnnotations = true)]
[JsonSerializable(typeof(WhoIsResponse))]
[JsonSerializable(typeof(TailscaleStatus))]
[JsonSerializable(typeof(ServeConfig))]
[JsonSerializable(typeof(IpnNotification))]
internal sealed partial class LocalApiJsonContext : JsonSerializerContext;
