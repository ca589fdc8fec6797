using Microsoft.AspNetCore.Connections;

namespace TKA.ServiceDefaults.Http;

/// <summary>
/// Closes connections that send nothing at first. Kestrel gives a new connection its whole idle time for the first byte,
/// so that opening thousands and saying nothing would hold them for minutes.
/// </summary>
/// <param name="limit">Time for the first byte.</param>
public sealed class SilentConnections(TimeSpan limit)
{
    /// <summary>Connection middleware.</summary>
    public ConnectionDelegate Wrap(ConnectionDelegate next) => async connection =>
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(connection.ConnectionClosed);
        deadline.CancelAfter(limit);
        try
        {
            var first = await connection.Transport.Input.ReadAsync(deadline.Token);
            connection.Transport.Input.AdvanceTo(first.Buffer.Start);
        }
        catch (OperationCanceledException)
        {
            connection.Abort(new ConnectionAbortedException("The client sent nothing."));
            return;
        }
        catch (ConnectionResetException)
        {
            return;
        }

        await next(connection);
    };
}
