using Microsoft.Extensions.Options;

namespace TKA.Kubernetes.Client;

/// <summary>Checks <see cref="KubernetesClientOptions"/> at start; every message names key and value and says what to write.</summary>
internal sealed class KubernetesClientOptionsValidator : IValidateOptions<KubernetesClientOptions>
{
    public ValidateOptionsResult Validate(string? name, KubernetesClientOptions options) =>
        options.Kubeconfig is { Length: > 0 } path && !File.Exists(path)
            ? ValidateOptionsResult.Fail($"kubernetes.kubeconfig is \"{path}\", which does not exist. Correct the path.")
            : options.RequestTimeout <= TimeSpan.Zero
                ? ValidateOptionsResult.Fail("kubernetes.requestTimeout is 0s. Write a duration over 0s.")
                : ValidateOptionsResult.Success;
}
