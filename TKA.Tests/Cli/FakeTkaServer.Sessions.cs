using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using TKA.Contracts;
using TKA.Contracts.Rest;

namespace TKA.Tests.Cli;

/// <summary>The caller's own sessions: signing in and out, and asking how far it is.</summary>
internal sealed partial class FakeTkaServer
{
    private IEnumerable<SessionResponse> Own => new[] { Session }.OfType<SessionResponse>().Concat(Beside.Values.OrderBy(session => session.Role, StringComparer.Ordinal))
        .Where(session => session.Until > Clock.GetUtcNow() && session.Username == Person);

    private async Task LoginAsync(HttpContext http)
    {
        using var reader = new StreamReader(http.Request.Body);
        var body = await reader.ReadToEndAsync(http.RequestAborted);
        LoginBodies.Enqueue(body);
        var request = body is "" || IsGo ? new LoginRequest() : JsonSerializer.Deserialize(body, ContractsJsonContext.Default.LoginRequest)!;
        var rule = request.Role is null ? Rules[0] : Rules.FirstOrDefault(candidate => candidate.Role == request.Role);
        if (rule is null)
        {
            await ProblemAsync(http, 403, $"You are not granted the role {request.Role}.", ["tka access lists the roles you may ask for."]);
            return;
        }

        var period = request.Period is null ? rule.Period : GoDuration.Parse(request.Period);
        if (period > rule.Period || period < TimeSpan.FromMinutes(10))
        {
            await ProblemAsync(http, 422, $"The period {request.Period} is not allowed.", [$"Ask for 10m to {GoDuration.Format(rule.Period)}."]);
            return;
        }

        var isBase = rule == Rules[0] || Session?.Role == rule.Role;
        if (!isBase && !Beside.ContainsKey(rule.Role) && Own.Count() >= ApiRoutes.MaxSessionsPerPerson)
        {
            await ProblemAsync(http, 409, "You have 8 sessions already.", ["End one of them first."]);
            return;
        }

        var session = MakeSession(rule.Role, period, isBase) with { Namespaces = rule.Namespaces is [] ? null : rule.Namespaces, IsBase = IsGo ? null : isBase };
        if (isBase)
        {
            Session = session;
        }
        else
        {
            Beside[rule.Role] = session;
        }

        await JsonAsync(http, session, 202);
    }

    private Task LoginStatusAsync(HttpContext http) =>
        http.Request.Query["all"] == "true" && !IsGo
            ? WriteAsync(http, JsonSerializer.Serialize(new OwnSessionList { Items = [.. Own.Select(session => session with { Status = session.Status ?? (Ready.IsCompleted ? SessionStatus.Ready : SessionStatus.Pending) })] }, ContractsJsonContext.Default.OwnSessionList), 200)
            : WhenSignedInAsync(http, session => JsonAsync(http, session with { Status = session.Status ?? SessionStatus.Ready }, 200), session => JsonAsync(http, session with { Status = SessionStatus.Pending }, 202));

    private async Task LogoutAsync(HttpContext http)
    {
        if (http.Request.Query["all"] == "true" && !IsGo)
        {
            var all = Own.ToList();
            all.ForEach(End);
            await (all.Count == 0
                ? ProblemAsync(http, 404, "You are not signed in.", [])
                : WriteAsync(http, JsonSerializer.Serialize(new OwnSessionList { Items = all }, ContractsJsonContext.Default.OwnSessionList), 200));
        }
        else if (Meant(http) is { } ended)
        {
            End(ended);
            await JsonAsync(http, ended, 200);
        }
        else
        {
            await ProblemAsync(http, 404, "You are not signed in.", []);
        }
    }

    private void End(SessionResponse session)
    {
        if (session == Session)
        {
            Session = null;
        }

        Beside.TryRemove(session.Role, out _);
    }

    private SessionResponse? Meant(HttpContext http)
    {
        var role = IsGo ? "" : http.Request.Query["role"].ToString();
        return role is "" ? Own.FirstOrDefault(session => session == Session) : Own.FirstOrDefault(session => session.Role == role);
    }

    private async Task WhenSignedInAsync(HttpContext http, Func<SessionResponse, Task> ready, Func<SessionResponse, Task> pending)
    {
        if (Meant(http) is not { } session)
        {
            await ProblemAsync(http, 401, "You are not signed in.", ["Sign in with: tka login"]);
        }
        else if (Ready.IsCompleted || session.Status == SessionStatus.Rejected)
        {
            await ready(session);
        }
        else
        {
            http.Response.Headers.RetryAfter = "1";
            await pending(session);
        }
    }

    private async Task WhenReadyAsync(HttpContext http, Func<SessionResponse, Task> ready)
    {
        var prefer = http.Request.Headers["Prefer"].ToString();
        if (HonoursWait && !IsGo && Meant(http) is not null && prefer.StartsWith("wait=", StringComparison.Ordinal))
        {
            http.Response.Headers["Preference-Applied"] = prefer;
            if (!Ready.IsCompleted)
            {
                await Task.WhenAny(Ready, Task.Delay(TimeSpan.FromSeconds(int.Parse(prefer[5..], CultureInfo.InvariantCulture)), TimeProvider.System, http.RequestAborted));
            }
        }

        if (Meant(http) is { Status: SessionStatus.Rejected } rejected)
        {
            http.Response.Headers.RetryAfter = "1";
            await JsonAsync(http, rejected, 202);
            return;
        }

        await WhenSignedInAsync(http, ready, session => JsonAsync(http, session, 202));
    }
}
