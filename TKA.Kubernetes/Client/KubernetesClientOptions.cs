namespace TKA.Kubernetes.Client;

/// <summary>How to reach the Kubernetes API. Configuration section <c>kubernetes</c>.</summary>
public sealed class KubernetesClientOptions
{
    /// <summary>Name of the configuration section.</summary>
    public const string Section = "kubernetes";

    /// <summary>Path of a kubeconfig. Empty: the pod's ServiceAccount when running in a cluster, else the default kubeconfig.</summary>
    public string? Kubeconfig { get; set; }

    /// <summary>Context in the kubeconfig. Empty: its current context.</summary>
    public string? Context { get; set; }

    /// <summary>How long one request may take, watches excepted. Default 15 s. Real time, also under a fake clock: it guards I/O.</summary>
    public TimeSpan RequestTimeout { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>Handlers every request passes through, outermost first; not bound from configuration. Tests inject faults here.</summary>
    public IList<Func<DelegatingHandler>> Handlers { get; } = [];
}
