namespace TKA.DevEnvironment.Stack;

/// <summary>The Kubernetes cluster of a stack, and what the kubelet would do for the two components that talk to it.</summary>
internal interface IStackCluster : IAsyncDisposable
{
    /// <summary>The Kubernetes API as users reach it.</summary>
    Uri Url { get; }

    /// <summary>Its CA, PEM; empty when the system's roots vouch for it.</summary>
    string CaPem { get; }

    /// <summary>Installs TKA's namespaces, CRD, RBAC and policies, and what else a stack shows.</summary>
    Task InstallAsync(CancellationToken cancellationToken);

    /// <summary>Writes the files that the components' Pods would have, and keeps them fresh until disposed.</summary>
    Task MountAsync(StackFiles files, CancellationToken cancellationToken);
}
