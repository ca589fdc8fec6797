using TKA.AppHost.Composition;
using TKA.DevEnvironment.Stack;

namespace TKA.AppHost.Publishing;

/// <summary>Values of the parameters of a deployment.</summary>
internal sealed record DeploySettings
{
    public required string Overlay { get; init; }

    public required string ClusterName { get; init; }

    public required string ClusterEndpoint { get; init; }

    public required string ClusterCa { get; init; }

    public required string Registry { get; init; }

    public required string Tag { get; init; }

    public required string Hostname { get; init; }

    public required string Tailnet { get; init; }

    public required string MaxPeriod { get; init; }

    /// <summary>Reads the values.</summary>
    /// <exception cref="StackException">One is missing or cannot be right. All of them are named at once.</exception>
    public static async Task<DeploySettings> ReadAsync(TkaParameters parameters, CancellationToken cancellationToken)
    {
        var deployment = parameters.Deployment!;
        List<string> wrong = [];
        var settings = new DeploySettings
        {
            Overlay = await ValueAsync(deployment.Overlay, value => value is "minimal" or "standard" or "ha", "minimal, standard or ha"),
            ClusterName = await ValueAsync(deployment.ClusterName, value => value.Length > 0, "a name"),
            ClusterEndpoint = await ValueAsync(deployment.ClusterEndpoint, value => Uri.TryCreate(value, UriKind.Absolute, out var uri) && uri.Scheme == Uri.UriSchemeHttps, "an https URL"),
            ClusterCa = await ValueAsync(deployment.ClusterCa, value => Convert.TryFromBase64String(value, new byte[value.Length], out _), "base64"),
            Registry = await ValueAsync(deployment.Registry, value => value.Length > 0 && !value.Contains("://", StringComparison.Ordinal), "a registry"),
            Tag = await ValueAsync(deployment.Tag, value => value.Length > 0, "a tag"),
            Hostname = await ValueAsync(deployment.Hostname, value => value.Length > 0, "a host name"),
            Tailnet = await ValueAsync(deployment.Tailnet, _ => true, ""),
            MaxPeriod = await ValueAsync(parameters.MaxPeriod, value => value.Length > 0, "a Go duration"),
        };
        if (settings is { Overlay: "ha", Tailnet: "" })
        {
            wrong.Add($"{deployment.Tailnet.Resource.Name} (the overlay ha needs it)");
        }

        return wrong.Count == 0 ? settings : throw new StackException(
            $"these parameters are missing or wrong: {string.Join(", ", wrong)}. Give them as --{TkaParameters.Section}:NAME=VALUE or {TkaParameters.Section}__NAME in the environment.");

        async Task<string> ValueAsync(IResourceBuilder<ParameterResource> parameter, Func<string, bool> isRight, string what)
        {
            var value = await parameter.Resource.GetValueAsync(cancellationToken);
            if (value is null || !isRight(value))
            {
                wrong.Add($"{parameter.Resource.Name} ({what})");
            }

            return value ?? "";
        }
    }
}
