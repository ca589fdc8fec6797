using System.Net;
using System.Text.Json;
using TKA.Cli.Errors;
using TKA.Contracts;
using TKA.Contracts.Rest;

namespace TKA.Cli.Client;

/// <summary>Errors that a TKA server reported, with the exit code each means.</summary>
internal static class ServerErrors
{
    /// <summary>The error for an answer of status 400 and above, or of a kind no TKA server gives.</summary>
    public static CliException From(Uri server, HttpAnswer answer)
    {
        var problem = ReadProblem(answer);
        var (code, exit, fallback, advice) = Meaning(server, answer);
        if (problem is null && answer.Status is not (HttpStatusCode.Unauthorized or HttpStatusCode.TooManyRequests or HttpStatusCode.ServiceUnavailable or HttpStatusCode.MisdirectedRequest or HttpStatusCode.Forbidden)
            && (int)answer.Status < 500)
        {
            return TransportErrors.NotTka(server, answer);
        }

        return new CliException(
            code,
            exit,
            problem switch
            {
                { Message.Length: > 0 } => problem.Message,
                { Detail.Length: > 0 } => problem.Detail,
                { Title.Length: > 0 } => problem.Title,
                _ => fallback,
            },
            problem is { Advice.Count: > 0 } ? problem.Advice : advice)
        {
            ServerProblem = problem,
            Status = (int)answer.Status,
            TraceId = problem?.TraceId,
            RetryAfter = answer.RetryAfter,
        };
    }

    private static (string Code, int Exit, string Fallback, string[] Advice) Meaning(Uri server, HttpAnswer answer) => (int)answer.Status switch
    {
        400 => (ErrorCodes.IdentityRefused, ExitCode.Refused,
            "The server cannot tell who you are or what you may do.",
            ["Sign in to Tailscale as a person on this device; a tagged device has nobody behind it.", "tka access shows which rules apply to you."]),
        401 => (ErrorCodes.NotSignedIn, ExitCode.NotSignedIn,
            "You are not signed in.",
            ["Sign in with: tka login"]),
        403 => (ErrorCodes.AccessRefused, ExitCode.Refused,
            "The tailnet policy does not grant you this.",
            ["Ask whoever manages the tailnet policy for a grant with the capability specht-labs.de/cap/tka.", "tka access shows which rules apply to you."]),
        404 => (ErrorCodes.SessionUnknown, ExitCode.Failure,
            "There is no such thing on the server.",
            ["List what there is with tka sessions or tka clusters."]),
        409 => (ErrorCodes.SessionLimit, ExitCode.Failure,
            "You have as many sessions as one person may have.",
            ["End one you no longer need; tka status lists them."]),
        421 => (ErrorCodes.ServerMisdirected, ExitCode.Unreachable,
            $"{server.Host} is not a name this server answers to.",
            ["Use the name the server has on the tailnet (--server, tka config tailscale.hostname)."]),
        422 => (ErrorCodes.RequestInvalid, ExitCode.Usage,
            "The server does not accept the request.",
            ["Ask for a period of at least 10m and at most what tka access shows."]),
        429 => (ErrorCodes.ServerBusy, ExitCode.Failure,
            "Too many requests in a short time.",
            ["Wait a moment and try again."]),
        502 or 503 or 504 => (ErrorCodes.ServerUnavailable, ExitCode.Unreachable,
            $"The TKA server at {server.Authority} cannot serve now.",
            ["Try again in a moment. Running sessions keep working meanwhile.", "If it lasts, ask whoever runs TKA."]),
        >= 500 => (ErrorCodes.ServerError, ExitCode.Failure,
            $"The TKA server failed (HTTP {(int)answer.Status}).",
            ["Try again; if it stays, give the trace id to whoever runs TKA."]),
        _ => (ErrorCodes.ServerError, ExitCode.Failure,
            $"The server refused the request (HTTP {(int)answer.Status}).",
            ["Try again; if it stays, ask whoever runs TKA."]),
    };

    private static Problem? ReadProblem(HttpAnswer answer)
    {
        if (!answer.MediaType.EndsWith("json", StringComparison.Ordinal))
        {
            return null;
        }

        try
        {
            var problem = JsonSerializer.Deserialize(answer.Body, ContractsJsonContext.Default.Problem);
            return problem is { Message: "", Detail: null, Title: null } ? null : problem;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
