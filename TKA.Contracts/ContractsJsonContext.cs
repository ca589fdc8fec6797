using System.Text.Json.Serialization;
using TKA.Contracts.Capabilities;
using TKA.Contracts.Kubeconfig;
using TKA.Contracts.Operator;
using TKA.Contracts.Orchestrator;
using TKA.Contracts.Rest;
using TKA.Contracts.Sessions;

namespace TKA.Contracts;

/// <summary>Source-generated serialization of everything on the wire: no reflection, so it also works compiled ahead of time.</summary>
/// <remarks>
/// Generated readers set every init-only member, to null where the JSON has none, whatever its initializer says. Members
/// with a default therefore restore it: <c>init => field = value ?? ""</c>.
/// </remarks>
[JsonSerializable(typeof(AccessResponse))]
[JsonSerializable(typeof(CapabilityRule))]
[JsonSerializable(typeof(Cluster))]
[JsonSerializable(typeof(ClusterInfo))]
[JsonSerializable(typeof(ClusterList))]
[JsonSerializable(typeof(ExecCredential))]
[JsonSerializable(typeof(KubeconfigDocument))]
[JsonSerializable(typeof(KubeconfigMaps))]
[JsonSerializable(typeof(LoginRequest))]
[JsonSerializable(typeof(OwnSessionList))]
[JsonSerializable(typeof(Problem))]
[JsonSerializable(typeof(ServiceIndex))]
[JsonSerializable(typeof(SessionHistory))]
[JsonSerializable(typeof(SessionList))]
[JsonSerializable(typeof(SessionResponse))]
[JsonSerializable(typeof(SessionToken))]
[JsonSerializable(typeof(SessionTokenRequest))]
[JsonSerializable(typeof(TkaSigninSpec))]
[JsonSerializable(typeof(TkaSigninStatus))]
public sealed partial class ContractsJsonContext : JsonSerializerContext;
