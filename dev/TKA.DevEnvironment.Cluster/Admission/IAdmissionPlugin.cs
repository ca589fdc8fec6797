using TKA.DevEnvironment.Cluster.Authentication;

namespace TKA.DevEnvironment.Cluster.Admission;

/// <summary>A write about to be stored.</summary>
/// <param name="User">The user who writes.</param>
/// <param name="Operation"><c>CREATE</c>, <c>UPDATE</c>, <c>DELETE</c> or <c>CONNECT</c>.</param>
/// <param name="Request">Request attributes; patches have verb <c>patch</c> and operation <c>UPDATE</c> (or <c>CREATE</c>).</param>
/// <param name="Kind">Kind of the object.</param>
/// <param name="Object">The object as it would be stored; null on delete. Mutating plugins may change it.</param>
/// <param name="OldObject">What is stored now; null on create. Not to be changed.</param>
/// <param name="DryRun">Whether nothing will be stored.</param>
/// <param name="Warn">Receives the warnings for the client (<c>Warning</c> headers); null when there is no client.</param>
internal sealed record AdmissionRequest(
    UserInfo User,
    string Operation,
    RequestInfo Request,
    string Kind,
    JsonObject? Object,
    JsonObject? OldObject,
    bool DryRun,
    Action<string>? Warn = null);

/// <summary>Checks (or completes) writes after authorization and before validation and storage.</summary>
internal interface IAdmissionPlugin
{
    /// <summary>Returns to admit; throws <see cref="StatusException"/> to refuse.</summary>
    void Admit(AdmissionRequest request);
}
