namespace TKA.DevEnvironment.Cluster.Http;

/// <summary>Warnings that become headers of the answer as they are added; each one only once, however often a write is repeated.</summary>
internal sealed class ResponseWarnings(HttpContext context)
{
    private readonly List<string> _added = [];

    /// <summary>Adds a warning.</summary>
    public void Add(string warning)
    {
        if (!_added.Contains(warning))
        {
            _added.Add(warning);
            ResponseWriter.Warn(context, warning);
        }
    }
}
