using System.Net;
using Microsoft.Extensions.Options;
using TKA.Contracts;
using TKA.Contracts.Sessions;

namespace TKA.Api.Configuration;

/// <summary>Checks that reach over more than the text of one setting. Each message names key, value and fix.</summary>
internal sealed class OptionsValidation :
    IValidateOptions<ServerOptions>,
    IValidateOptions<ApiOptions>,
    IValidateOptions<OperatorOptions>,
    IValidateOptions<ClusterInfoOptions>,
    IValidateOptions<OrchestratorOptions>
{
    public ValidateOptionsResult Validate(string? name, ServerOptions options)
    {
        var errors = new List<string>();
        RequirePositive(errors, "server.readTimeout", options.ReadTimeout);
        RequirePositive(errors, "server.readHeaderTimeout", options.ReadHeaderTimeout);
        RequirePositive(errors, "server.writeTimeout", options.WriteTimeout);
        RequirePositive(errors, "server.idleTimeout", options.IdleTimeout);
        RequireAtLeast(errors, "server.maxConnections", options.MaxConnections, 1);
        RequireAtLeast(errors, "server.maxRequestBodySize", options.MaxRequestBodySize, 1024);
        return Result(errors);
    }

    public ValidateOptionsResult Validate(string? name, ApiOptions options)
    {
        var errors = new List<string>();
        if (options.MaxPeriod < TkaSigninResource.MinimumPeriod)
        {
            errors.Add($"api.maxPeriod is {GoDuration.Format(options.MaxPeriod)}, under the shortest session of {GoDuration.Format(TkaSigninResource.MinimumPeriod)}. Raise it.");
        }

        if (options.GrantRecheck < TimeSpan.FromSeconds(1))
        {
            errors.Add($"api.grantRecheck is {GoDuration.Format(options.GrantRecheck)}. Write 1s or more; revoked grants are followed this often.");
        }

        RequirePositive(errors, "api.upstreamTimeout", options.UpstreamTimeout);
        RequirePositive(errors, "api.slowTimeout", options.SlowTimeout);
        RequirePositive(errors, "api.endingTimeout", options.EndingTimeout);
        RequireAtLeast(errors, "api.retryAfterSeconds", options.RetryAfterSeconds, 1);
        if (options.RateLimit.PermitsPerMinute > 0)
        {
            RequireAtLeast(errors, "api.rateLimit.burst", options.RateLimit.Burst, 1);
        }

        return Result(errors);
    }

    public ValidateOptionsResult Validate(string? name, OperatorOptions options)
    {
        var errors = new List<string>();
        Require(errors, "operator.namespace", options.Namespace, "Name the namespace of the sessions, like tka-sessions.");
        Require(errors, "operator.clusterName", options.ClusterName, "Name the cluster, like production-eu.");
        Require(errors, "operator.tokenService.tokenFile", options.TokenService.TokenFile, "Name the file of the API's projected token.");
        if (!Uri.TryCreate(options.TokenService.Url, UriKind.Absolute, out var url) || url.Scheme != Uri.UriSchemeHttps)
        {
            errors.Add($"operator.tokenService.url is \"{options.TokenService.Url}\", which is not an https URL. The API sends its own token there, so it is never sent in the clear.");
        }

        RequirePositive(errors, "operator.tokenService.timeout", options.TokenService.Timeout);
        return Result(errors);
    }

    public ValidateOptionsResult Validate(string? name, ClusterInfoOptions options)
    {
        var errors = new List<string>();
        var reference = options.ConfigMapRef;
        if (reference.Enabled)
        {
            if (options.ApiEndpoint.Length > 0 || options.CaData.Length > 0 || options.InsecureSkipTLSVerify)
            {
                errors.Add("clusterInfo.configMapRef.enabled is true and clusterInfo.apiEndpoint, caData or insecureSkipTLSVerify is set as well. Keep one of the two.");
            }

            Require(errors, "clusterInfo.configMapRef.name", reference.Name, "Name the ConfigMap, like cluster-info.");
            Require(errors, "clusterInfo.configMapRef.namespace", reference.Namespace, "Name its namespace, like kube-public.");
        }
        else
        {
            Require(errors, "clusterInfo.apiEndpoint", options.ApiEndpoint, "Give the URL of the Kubernetes API as users reach it, like https://api.example.com:6443, or set clusterInfo.configMapRef.");
        }

        return Result(errors);
    }

    public ValidateOptionsResult Validate(string? name, OrchestratorOptions options)
    {
        var errors = new List<string>();
        if (options.SourceAddress.Length > 0)
        {
            RequireAddress(errors, "orchestrator.sourceAddress", options.SourceAddress);
        }

        if (options.Heartbeat < TimeSpan.FromSeconds(1))
        {
            errors.Add($"orchestrator.heartbeat is {GoDuration.Format(options.Heartbeat)}. Write 1s or more.");
        }

        return Result(errors);
    }

    private static void Require(List<string> errors, string key, string value, string fix)
    {
        if (string.IsNullOrWhiteSpace(value))
        {
            errors.Add($"{key} is empty. {fix}");
        }
    }

    private static void RequireAddress(List<string> errors, string key, string value)
    {
        if (!IPAddress.TryParse(value, out _))
        {
            errors.Add($"{key} is \"{value}\", which is not an IP address. Write it like 127.0.0.1.");
        }
    }

    private static void RequirePositive(List<string> errors, string key, TimeSpan value)
    {
        if (value <= TimeSpan.Zero)
        {
            errors.Add($"{key} is {GoDuration.Format(value)}. Write a duration over 0s.");
        }
    }

    private static void RequireAtLeast(List<string> errors, string key, int value, int minimum)
    {
        if (value < minimum)
        {
            errors.Add($"{key} is {value}. Write {minimum} or more.");
        }
    }

    private static ValidateOptionsResult Result(List<string> errors) =>
        errors.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(errors);
}
