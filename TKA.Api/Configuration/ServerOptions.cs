namespace TKA.Api.Configuration;

/// <summary>Section <c>server</c>: how HTTP is served. Where it is served is read by <see cref="TKA.Tailscale.Serving.TailnetListenerOptions"/> from the same section.</summary>
internal sealed class ServerOptions
{
    public const string Section = "server";

    /// <summary>Longest time for reading a request.</summary>
    public TimeSpan ReadTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Longest time for request line and headers, and for the first byte of a connection.</summary>
    public TimeSpan ReadHeaderTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Longest time for an answer, beside what the client asked to wait.</summary>
    public TimeSpan WriteTimeout { get; set; } = TimeSpan.FromSeconds(20);

    /// <summary>How long an idle connection is kept.</summary>
    public TimeSpan IdleTimeout { get; set; } = TimeSpan.FromSeconds(120);

    /// <summary>How long requests in flight may take at the end.</summary>
    public TimeSpan ShutdownTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Most connections at a time.</summary>
    public int MaxConnections { get; set; } = 20_000;

    /// <summary>Largest request body, in bytes.</summary>
    public int MaxRequestBodySize { get; set; } = 16_384;
}
