using Microsoft.Extensions.Options;
using TKA.Contracts.Sessions;
using TKA.ServiceDefaults.Configuration;

namespace TKA.Api.Configuration;

/// <summary>Checks that reach over more than the text of one setting. Each message names key, value and fix.</summary>
internal sealed class OptionsValidation :
    IValidateOptions<ServerOptions>,
    IValidateOptions<ApiOptions>,
    IValidateOptions<ClusterOptions>,
    IValidateOptions<ClusterInfoOptions>,
    IValidateOptions<RegistrationOptions>
{
    public ValidateOptionsResult Validate(string? name, ServerOptions options) => new OptionChecks()
        .RequirePositive("server.readTimeout", options.ReadTimeout)
        .RequirePositive("server.readHeaderTimeout", options.ReadHeaderTimeout)
        .RequirePositive("server.writeTimeout", options.WriteTimeout)
        .RequirePositive("server.idleTimeout", options.IdleTimeout)
        .RequireBetween("server.maxConnections", options.MaxConnections, 1)
        .RequireBetween("server.maxRequestBodySize", options.MaxRequestBodySize, 1024)
        .Result;

    public ValidateOptionsResult Validate(string? name, ApiOptions options) => new OptionChecks()
        .RequireAtLeast("api.maxPeriod", options.MaxPeriod, TkaSigninResource.MinimumPeriod)
        .RequireAtLeast("api.grantRecheck", options.GrantRecheck, TimeSpan.FromSeconds(1))
        .RequirePositive("api.upstreamTimeout", options.UpstreamTimeout)
        .RequirePositive("api.slowTimeout", options.SlowTimeout)
        .RequirePositive("api.endingTimeout", options.EndingTimeout)
        .RequireBetween("api.retryAfterSeconds", options.RetryAfterSeconds, 1)
        .RequireBetween("api.rateLimit.burst", options.RateLimit.Burst, options.RateLimit.PermitsPerMinute > 0 ? 1 : 0)
        .Result;

    public ValidateOptionsResult Validate(string? name, ClusterOptions options) => new OptionChecks()
        .RequireText("operator.namespace", options.Namespace, "Name the namespace of the sessions, like tka-sessions.")
        .RequireText("operator.clusterName", options.ClusterName, "Name the cluster, like production-eu.")
        .RequireText("operator.tokenService.tokenFile", options.TokenService.TokenFile, "Name the file of the API's projected token.")
        .Require(
            Uri.TryCreate(options.TokenService.Url, UriKind.Absolute, out var url) && url.Scheme == Uri.UriSchemeHttps,
            $"operator.tokenService.url is \"{options.TokenService.Url}\", which is not an https URL. Write one: the API sends its own token there.")
        .RequirePositive("operator.tokenService.timeout", options.TokenService.Timeout)
        .Result;

    public ValidateOptionsResult Validate(string? name, ClusterInfoOptions options)
    {
        var reference = options.ConfigMapRef;
        return reference.Enabled
            ? new OptionChecks()
                .Require(
                    options.ApiEndpoint.Length == 0 && options.CaData.Length == 0 && !options.InsecureSkipTLSVerify,
                    "clusterInfo.configMapRef.enabled is true and clusterInfo.apiEndpoint, caData or insecureSkipTLSVerify is set as well. Keep one of the two.")
                .RequireText("clusterInfo.configMapRef.name", reference.Name, "Name the ConfigMap, like cluster-info.")
                .RequireText("clusterInfo.configMapRef.namespace", reference.Namespace, "Name its namespace, like kube-public.")
                .Result
            : new OptionChecks()
                .RequireText(
                    "clusterInfo.apiEndpoint",
                    options.ApiEndpoint,
                    "Give the URL of the Kubernetes API as users reach it, like https://api.example.com:6443, or set clusterInfo.configMapRef.")
                .Result;
    }

    public ValidateOptionsResult Validate(string? name, RegistrationOptions options)
    {
        var checks = new OptionChecks().RequireAtLeast("orchestrator.heartbeat", options.Heartbeat, TimeSpan.FromSeconds(1));
        return (options.SourceAddress.Length > 0 ? checks.RequireAddress("orchestrator.sourceAddress", options.SourceAddress) : checks).Result;
    }
}
