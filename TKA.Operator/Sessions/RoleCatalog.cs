using System.Collections.Concurrent;
using k8s.Models;
using Microsoft.Extensions.Options;
using TKA.Kubernetes.Client;
using TKA.Operator.Options;

namespace TKA.Operator.Sessions;

/// <summary>
/// Which of the allowed ClusterRoles exist. The cluster lets a binding to a missing role be made when <c>bind</c> is granted by
/// name, so somebody has to look; looking ahead of time keeps it out of the login.
/// </summary>
internal sealed class RoleCatalog(ResourceClient<V1ClusterRole> roles, IOptions<OperatorOptions> options, TimeProvider time, ILogger<RoleCatalog> logger)
{
    private static readonly TimeSpan BelieveExisting = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan BelieveMissing = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan RefreshPeriod = TimeSpan.FromMinutes(5);

    private readonly ConcurrentDictionary<string, (bool Exists, DateTimeOffset CheckedAt)> _known = [];

    /// <summary>Whether an allowed role exists.</summary>
    public async ValueTask<bool> ExistsAsync(string role, CancellationToken cancellationToken)
    {
        if (_known.TryGetValue(role, out var known) && time.GetUtcNow() - known.CheckedAt < (known.Exists ? BelieveExisting : BelieveMissing))
        {
            return known.Exists;
        }

        return await LookAsync(role, cancellationToken);
    }

    /// <summary>Keeps what is known fresh until the token fires.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            foreach (var role in options.Value.Roles.Allowed)
            {
                try
                {
                    if (!await LookAsync(role, cancellationToken))
                    {
                        Log.AllowedRoleMissing(logger, role);
                    }
                }
                catch (KubernetesRequestException exception)
                {
                    Log.RoleLookupFailed(logger, role, exception.Message);
                }
            }

            await Task.Delay(RefreshPeriod, time, cancellationToken);
        }
    }

    private async Task<bool> LookAsync(string role, CancellationToken cancellationToken)
    {
        bool exists;
        try
        {
            exists = await roles.TryGetAsync(role, cancellationToken) is not null;
        }
        catch (KubernetesRequestException exception) when (exception.Error == KubernetesError.Forbidden)
        {
            // Without the right to look, the binding's creation decides.
            exists = true;
        }

        _known[role] = (exists, time.GetUtcNow());
        return exists;
    }
}
