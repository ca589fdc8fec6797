namespace TKA.DevEnvironment.Cluster.Authentication;

/// <summary>Finds the user of a request.</summary>
internal interface IAuthenticator
{
    /// <summary>
    /// The user; <c>system:anonymous</c> when no credential was sent; <see langword="null"/> when a credential was sent and is not
    /// valid, which must be answered 401.
    /// </summary>
    ValueTask<UserInfo?> AuthenticateAsync(HttpContext context, CancellationToken cancellationToken);
}
