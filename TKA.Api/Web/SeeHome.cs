namespace TKA.Api.Web;

/// <summary>After a form: the browser gets the page anew (303), so that a reload repeats nothing.</summary>
/// <param name="done">One of <see cref="Notices"/>.</param>
internal sealed class SeeHome(string done) : IResult
{
    public Task ExecuteAsync(HttpContext httpContext)
    {
        httpContext.Response.StatusCode = StatusCodes.Status303SeeOther;
        httpContext.Response.Headers.Location = $"/?{Notices.Parameter}={done}";
        httpContext.Response.Headers.CacheControl = "no-store";
        return Task.CompletedTask;
    }
}

/// <summary>What has just been done, as the redirect after a form names it.</summary>
internal static class Notices
{
    public const string Parameter = "done";
    public const string SignedIn = "signed-in";
    public const string SignedOut = "signed-out";
    public const string Ended = "ended";

    /// <summary>
    /// The sentence to show. Not when the browser says that the page was opened from elsewhere: a link on another site must not be able
    /// to claim that something was done.
    /// </summary>
    public static string? Of(HttpRequest request) => request.Headers["Sec-Fetch-Site"].ToString() is not ("" or "same-origin")
        ? null
        : request.Query[Parameter].ToString() switch
        {
            SignedIn => "You are signed in.",
            SignedOut => "You are signed out. New requests with that access are refused within 15 seconds.",
            Ended => "The session was ended. New requests with it are refused within 15 seconds.",
            _ => null,
        };
}
