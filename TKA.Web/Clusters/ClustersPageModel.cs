using TKA.Contracts.Orchestrator;
using TKA.Contracts.Rest;
using TKA.Web.Layout;

namespace TKA.Web.Clusters;

/// <summary>The clusters that an orchestrator knows.</summary>
public sealed record ClustersPageModel
{
    /// <summary>The caller.</summary>
    public required PersonModel Person { get; init; }

    /// <summary>The server's time.</summary>
    public required DateTimeOffset Now { get; init; }

    /// <summary>URL of this server as the browser reached it.</summary>
    public required string Server { get; init; }

    /// <summary>The clusters of this page, by name.</summary>
    public required IReadOnlyList<Cluster> Clusters { get; init; }

    /// <summary>Clusters that match, on all pages.</summary>
    public required int Total { get; init; }

    /// <summary>Text to find in name and description; empty: any.</summary>
    public required string Text { get; init; }

    /// <summary>Label selector; empty: any.</summary>
    public required string Selector { get; init; }

    /// <summary>Number of this page, from 1.</summary>
    public required int Page { get; init; }

    /// <summary>Number of pages.</summary>
    public required int Pages { get; init; }

    /// <summary>Whether the list is only what one replica remembers, because the state store is away.</summary>
    public bool IsDegraded { get; init; }

    /// <summary>Why there is no list: the selector cannot be read.</summary>
    public Problem? Problem { get; init; }
}
