namespace TKA.Tailscale.LocalApi;

/// <summary>One line of <c>watch-ipn-bus</c>, reduced to what TKA reads.</summary>
public sealed record IpnNotification
{
    /// <summary>Version of tailscaled, in the first line.</summary>
    public string? Version { get; init; }

    /// <summary>Id of this stream, in the first line when asked for.</summary>
    public string? SessionID { get; init; }

    /// <summary>New backend state: 2 NeedsLogin, 4 Stopped, 5 Starting, 6 Running.</summary>
    public int? State { get; init; }

    /// <summary>Error text for people.</summary>
    public string? ErrMessage { get; init; }
}

/// <summary>What <c>watch-ipn-bus</c> is asked to send beside changes; values are the protocol's mask bits.</summary>
[Flags]
public enum IpnBusEvents
{
    /// <summary>Changes only.</summary>
    None = 0,

    /// <summary>The current state and a session id first.</summary>
    InitialState = 2,

    /// <summary>At most one message every few seconds.</summary>
    RateLimit = 256,
}
