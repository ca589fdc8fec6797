using System.Text.Json;
using System.Text.Json.Nodes;
using TKA.Cli.Commands;
using TKA.Cli.Output;
using TKA.Cli.Terminal;
using TKA.Contracts;
using TKA.Contracts.Orchestrator;

namespace TKA.Cli.Clusters;

/// <summary>Clusters with a person's access to them, for people and for programs.</summary>
internal static class ClusterTable
{
    /// <summary>Prints rows.</summary>
    public static void Print(CommandContext context, IReadOnlyList<ClusterAccess> clusters)
    {
        Column[] columns = ["Name", "Status", "Role", new("Labels", 3), new("Age", 2), new("Description", 4)];
        context.Console.Table(
            context.Long ? [.. columns, new("TKA endpoint", 1), new("API endpoint", 6), new("Version", 5), new("Kubernetes", 5), new("Source", 7)] : columns,
            [.. clusters.Select(access => Row(context, access))]);
    }

    /// <summary>The list as the REST API has it, each cluster with <c>role</c>, <c>reachable</c> and <c>problem</c> besides.</summary>
    public static void Write(CommandContext context, ClusterList list, IReadOnlyList<ClusterAccess> clusters)
    {
        var items = new JsonArray();
        foreach (var access in clusters)
        {
            var item = (JsonObject)JsonSerializer.SerializeToNode(access.Cluster, ContractsJsonContext.Default.Cluster)!;
            item["role"] = access.Role;
            item["reachable"] = access.IsReachable;
            if (access.Problem is not null)
            {
                item["problem"] = access.Problem;
            }

            items.Add((JsonNode)item);
        }

        var json = new JsonObject { ["items"] = items };
        if (list.Degraded)
        {
            json["degraded"] = true;
        }

        context.Console.WriteValue(json, CliJsonContext.Indented.JsonObject);
    }

    /// <summary>Labels as kubectl shows them.</summary>
    public static string Labels(Cluster cluster) =>
        string.Join(",", cluster.Labels.OrderBy(label => label.Key, StringComparer.Ordinal).Select(label => $"{label.Key}={label.Value}"));

    private static string[] Row(CommandContext context, ClusterAccess access)
    {
        var cluster = access.Cluster;
        string[] cells =
        [
            cluster.Name,
            (cluster.Status ?? "") + (access.IsReachable == false ? ", unreachable" : "") + (cluster.Conflict is null ? "" : ", conflict"),
            access.Role ?? (access.IsReachable == true ? "none" : "unknown"),
            Labels(cluster),
            cluster.LastSeen is { } seen ? RemainingTime.Relative(seen - context.Clock.GetUtcNow()) : "",
            cluster.Description,
        ];
        return context.Long
            ? [.. cells, cluster.TkaEndpoint, cluster.ApiEndpoint, cluster.Version, cluster.KubernetesVersion ?? "", cluster.Source ?? ""]
            : cells;
    }
}
