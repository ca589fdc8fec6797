using System.Net;

namespace TKA.Cli.Client;

/// <summary>What a server answered.</summary>
internal sealed record HttpAnswer
{
    /// <summary>HTTP status.</summary>
    public required HttpStatusCode Status { get; init; }

    /// <summary>Body; may hold a credential, so it is never logged.</summary>
    public required string Body { get; init; }

    /// <summary>Media type of the body without parameters.</summary>
    public required string MediaType { get; init; }

    /// <summary><c>Retry-After</c>.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>The server held the answer as <c>Prefer: wait</c> asked.</summary>
    public bool WaitHonoured { get; init; }

    /// <summary>Where a redirect leads.</summary>
    public Uri? Location { get; init; }

    /// <summary><c>Server</c> header, for <c>tka doctor</c>.</summary>
    public string ServerHeader { get; init; } = "";

    /// <summary>Status 200 to 299.</summary>
    public bool IsSuccess => (int)Status is >= 200 and < 300;
}
