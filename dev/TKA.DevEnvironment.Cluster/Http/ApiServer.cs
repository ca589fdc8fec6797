using TKA.DevEnvironment.Cluster.Authentication;
using TKA.DevEnvironment.Cluster.Authorization;
using TKA.DevEnvironment.Cluster.Discovery;

namespace TKA.DevEnvironment.Cluster.Http;

/// <summary>
/// The request pipeline: authentication, authorization, then discovery, extra endpoints or resources. Whatever happens, the answer is
/// a Kubernetes <c>Status</c> or what was asked for.
/// </summary>
internal sealed partial class ApiServer(
    IReadOnlyList<IAuthenticator> authenticators,
    IAuthorizer authorizer,
    DiscoveryEndpoint discovery,
    IReadOnlyList<NonResourceEndpoint> endpoints,
    ResourceEndpoint resources,
    ILogger<ApiServer> logger)
{
    /// <summary>Handles one request.</summary>
    public async Task HandleAsync(HttpContext context)
    {
        try
        {
            await RouteAsync(context);
        }
        catch (StatusException exception)
        {
            await RefuseAsync(context, exception);
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            // The client has disconnected.
        }
        catch (BadHttpRequestException exception)
        {
            await RefuseAsync(context, exception.StatusCode == 413 ? Statuses.TooLarge(BodyReader.Limit) : new StatusException(exception.StatusCode, "BadRequest", exception.Message));
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            LogUnhandled(exception, context.Request.Method, context.Request.Path);
            await RefuseAsync(context, new StatusException(500, "InternalError", "Internal error occurred; see the log of the embedded cluster"));
        }
    }

    private async Task RouteAsync(HttpContext context)
    {
        var info = RequestInfoParser.Parse(context.Request);
        var user = await AuthenticateAsync(context) ?? throw Statuses.Unauthorized();
        var decision = authorizer.Authorize(user, info);
        if (!decision.Allowed)
        {
            throw Statuses.Forbidden(user, info, decision.Reason);
        }

        if (info.IsResourceRequest)
        {
            await resources.HandleAsync(context, user, info);
            return;
        }

        foreach (var endpoint in endpoints)
        {
            if (context.Request.Path.StartsWithSegments(endpoint.PathPrefix))
            {
                await endpoint.Handler(context);
                return;
            }
        }

        if (!await discovery.TryHandleAsync(context))
        {
            throw Statuses.NoSuchResource();
        }
    }

    /// <summary>The first authenticator that knows the caller decides. A credential that none accepts is 401; without a credential the caller is anonymous.</summary>
    private async ValueTask<UserInfo?> AuthenticateAsync(HttpContext context)
    {
        UserInfo? anonymous = null;
        var refused = false;
        foreach (var authenticator in authenticators)
        {
            var user = await authenticator.AuthenticateAsync(context, context.RequestAborted);
            switch (user)
            {
                case null:
                    refused = true;
                    break;
                case { Username: "system:anonymous" }:
                    anonymous = user;
                    break;
                default:
                    return user;
            }
        }

        return refused ? null : anonymous;
    }

    private async Task RefuseAsync(HttpContext context, StatusException refusal)
    {
        if (context.Response.HasStarted)
        {
            LogTooLate(refusal.Code, refusal.Message, context.Request.Path);
            context.Abort();
            return;
        }

        var warnings = context.Response.Headers["Warning"];
        context.Response.Clear();
        context.Response.Headers["Warning"] = warnings;
        try
        {
            await ResponseWriter.WriteAsync(context, refusal);
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            // The client disconnected during the answer.
        }
    }

    [LoggerMessage(LogLevel.Error, "{Method} {Path} failed")]
    private partial void LogUnhandled(Exception e, string method, PathString path);

    [LoggerMessage(LogLevel.Warning, "answer to {Path} broke off: {Code} {Message}")]
    private partial void LogTooLate(int code, string message, PathString path);
}

/// <summary>A path outside the resource API, for example <c>/openapi/v3</c>. Authenticated and authorized like any other.</summary>
internal sealed record NonResourceEndpoint(PathString PathPrefix, RequestDelegate Handler);
