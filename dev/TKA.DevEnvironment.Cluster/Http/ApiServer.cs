using TKA.DevEnvironment.Cluster.Authentication;
using TKA.DevEnvironment.Cluster.Discovery;
using TKA.DevEnvironment.Cluster.OpenApi;

namespace TKA.DevEnvironment.Cluster.Http;

/// <summary>
/// The request pipeline: authentication, authorization, then resources, OpenAPI or discovery. Whatever happens, the answer is
/// a Kubernetes <c>Status</c> or what was asked for.
/// </summary>
internal sealed partial class ApiServer(
    AccessControl access,
    DiscoveryEndpoint discovery,
    OpenApiEndpoint openApi,
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
        var user = access.Authenticator.Authenticate(context) ?? throw Statuses.Unauthorized();
        Impersonation.Refuse(context.Request.Headers, user, access.Authorizer);
        var decision = access.Authorizer.Authorize(user, info);
        if (!decision.Allowed)
        {
            throw Statuses.Forbidden(user, info, decision.Reason);
        }

        if (info.IsResourceRequest)
        {
            await resources.HandleAsync(context, user, info);
            return;
        }

        if (context.Request.Path.StartsWithSegments(OpenApiEndpoint.PathPrefix))
        {
            await openApi.HandleAsync(context);
            return;
        }

        if (!await discovery.TryHandleAsync(context))
        {
            throw Statuses.NoSuchResource();
        }
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
