using System.Security.Cryptography.X509Certificates;

namespace TKA.Operator.Tokens.Certificates;

/// <summary>The certificate the token service shows now.</summary>
internal sealed class ServerCertificate
{
    private readonly TaskCompletionSource _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary><see langword="null"/> until the first has been loaded; connections fail until then.</summary>
    public X509Certificate2? Current { get; private set; }

    /// <summary>Completes with the first certificate.</summary>
    public Task Ready => _ready.Task;

    public void Use(X509Certificate2 certificate)
    {
        // The old one is left to the finalizer: connections that negotiate just now still use it.
        Current = certificate;
        _ready.TrySetResult();
    }
}
