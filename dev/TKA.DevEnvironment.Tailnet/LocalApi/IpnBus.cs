using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json.Nodes;

namespace TKA.DevEnvironment.Tailnet.LocalApi;

/// <summary><c>watch-ipn-bus</c>: one JSON object a line, until either side ends. State changes only.</summary>
internal sealed class IpnBus(BackendState backend, CancellationToken stopping)
{
    private const int InitialState = 2;

    public async Task HandleAsync(HttpContext context)
    {
        var text = (string?)context.Request.Query["mask"];
        if (!ulong.TryParse(string.IsNullOrEmpty(text) ? "0" : text, NumberStyles.None, CultureInfo.InvariantCulture, out var mask))
        {
            await GoResponses.ErrorAsync(context, 400, "bad mask");
            return;
        }

        using var ended = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, stopping);
        context.Response.ContentType = "application/json";
        try
        {
            var changed = backend.Changed;
            var first = new JsonObject { ["Version"] = LocalApiGuard.Version };
            if ((mask & InitialState) != 0)
            {
                first["SessionID"] = RandomNumberGenerator.GetHexString(16, lowercase: true);
                first["State"] = backend.Number;
            }

            await WriteAsync(context, first, ended.Token);
            while (true)
            {
                await changed.WaitAsync(ended.Token);
                changed = backend.Changed;
                await WriteAsync(context, new JsonObject { ["Version"] = LocalApiGuard.Version, ["State"] = backend.Number }, ended.Token);
            }
        }
        catch (OperationCanceledException) when (ended.IsCancellationRequested)
        {
            // The ordinary end of a watch.
        }
    }

    private static async Task WriteAsync(HttpContext context, JsonObject message, CancellationToken cancellationToken)
    {
        await context.Response.WriteAsync(message.ToJsonString(GoResponses.Compact) + "\n", cancellationToken);
        await context.Response.Body.FlushAsync(cancellationToken);
    }
}
