using System.Text.Json;
using Microsoft.Extensions.Options;
using TKA.Contracts;
using TKA.Contracts.Orchestrator;
using TKA.Contracts.Rest;
using TKA.Contracts.Selectors;
using TKA.Orchestrator.Configuration;
using TKA.Orchestrator.Discovery;
using TKA.Orchestrator.Problems;
using TKA.Orchestrator.Registry;
using TKA.Orchestrator.Telemetry;
using TKA.ServiceDefaults.Problems;
using TKA.Tailscale;
using TKA.Tailscale.Authentication;

namespace TKA.Orchestrator.Endpoints;

/// <summary>The endpoints under <see cref="ApiRoutes.Clusters"/>.</summary>
internal static class ClustersApi
{
    /// <summary>Maps them.</summary>
    public static void MapClustersApi(this IEndpointRouteBuilder routes)
    {
        var clusters = routes.MapGroup(ApiRoutes.Clusters).WithTags("Clusters")
            .ProducesTkaProblem(400).ProducesTkaProblem(403).ProducesTkaProblem(429).ProducesTkaProblem(503);
        clusters.MapGet("", ListAsync).RequireAuthorization(Policies.Read)
            .WithName("listClusters").WithSummary("Lists the clusters, those found on the tailnet included.")
            .Produces<ClusterList>();
        clusters.MapPost("", RegisterAsync).RequireAuthorization(Policies.Register)
            .WithName("registerCluster").WithSummary("Registers a cluster, or renews its lease. Send it again with every heartbeat.")
            .Accepts<Cluster>("application/json")
            .Produces<Cluster>(201).Produces<Cluster>().ProducesTkaProblem(415).ProducesTkaProblem(422);
        clusters.MapGet("/{name}", GetAsync).RequireAuthorization(Policies.Read)
            .WithName("getCluster").WithSummary("One cluster.")
            .Produces<Cluster>().ProducesTkaProblem(404);
        clusters.MapDelete("/{name}", DeleteAsync).RequireAuthorization(Policies.Register)
            .WithName("removeCluster").WithSummary("Removes a registration. For the node that made it, and admins.")
            .Produces(204).ProducesTkaProblem(404);
    }

    private static async Task<IResult> ListAsync(
        string? label_selector, ClusterRegistry registry, TailnetDiscovery discovery, ClusterMetrics metrics, CancellationToken cancellationToken)
    {
        LabelSelector selector;
        try
        {
            selector = LabelSelector.Parse(label_selector ?? "");
        }
        catch (FormatException exception)
        {
            return new ProblemResult(OrchestratorProblems.Selector(exception.Message));
        }

        var records = await registry.ListAsync(cancellationToken);
        var registered = records.Select(registry.Present).ToArray();
        metrics.Count(registered);
        var found = await discovery.FindAsync(records, cancellationToken);
        return TypedResults.Ok(new ClusterList
        {
            Items = [.. registered.Concat(found).Where(cluster => selector.Matches(cluster.Labels)).OrderBy(cluster => cluster.Name, StringComparer.Ordinal)],
        });
    }

    private static async Task<IResult> GetAsync(
        string name, ClusterRegistry registry, TailnetDiscovery discovery, CancellationToken cancellationToken)
    {
        if (!ClusterValidation.IsName(name))
        {
            return new ProblemResult(OrchestratorProblems.NoSuchPath);
        }

        if (await registry.FindAsync(name, cancellationToken) is { } record)
        {
            return TypedResults.Ok(registry.Present(record));
        }

        var found = (await discovery.FindAsync(await registry.ListAsync(cancellationToken), cancellationToken))
            .FirstOrDefault(cluster => cluster.Name == name);
        return found is null ? new ProblemResult(OrchestratorProblems.NotFound(name)) : TypedResults.Ok(found);
    }

    private static async Task<IResult> RegisterAsync(
        HttpContext context, ClusterRegistry registry, IOptions<RegistryOptions> options, ILogger<ClusterRegistry> logger, CancellationToken cancellationToken)
    {
        var caller = context.GetTailscalePeer();
        if (!MayRegister(caller, options.Value))
        {
            return new ProblemResult(OrchestratorProblems.TagNotAllowed(caller.NodeName));
        }

        var (cluster, problem) = await ReadAsync(context.Request, cancellationToken);
        if (cluster is null)
        {
            return new ProblemResult(problem!);
        }

        var result = await registry.RegisterAsync(cluster, caller, cancellationToken);
        switch (result.Outcome)
        {
            case RegistrationOutcome.NameTaken:
                Log.NotOwner(logger, caller.Principal, caller.NodeStableId, cluster.Name, result.Record.NodeId);
                return new ProblemResult(OrchestratorProblems.NameTaken(cluster.Name, result.Record.RegisteredBy));
            case RegistrationOutcome.TooMany:
                return new ProblemResult(OrchestratorProblems.TooMany(options.Value.MaxClustersPerNode));
            case RegistrationOutcome.Created:
                Log.Registered(logger, cluster.Name, caller.Principal, caller.NodeStableId);
                return TypedResults.Created($"{ApiRoutes.Clusters}/{cluster.Name}", registry.Present(result.Record));
            default:
                return TypedResults.Ok(registry.Present(result.Record));
        }
    }

    private static async Task<IResult> DeleteAsync(
        string name, HttpContext context, ClusterRegistry registry, ILogger<ClusterRegistry> logger, CancellationToken cancellationToken)
    {
        if (!ClusterValidation.IsName(name))
        {
            return new ProblemResult(OrchestratorProblems.NoSuchPath);
        }

        var caller = context.GetTailscalePeer();
        switch (await registry.RemoveAsync(name, caller, cancellationToken))
        {
            case RemovalOutcome.Removed:
                Log.Removed(logger, name, caller.Principal, caller.NodeStableId);
                return TypedResults.NoContent();
            case RemovalOutcome.NotOwner:
                return new ProblemResult(OrchestratorProblems.NameTaken(name, "somebody else"));
            default:
                return new ProblemResult(OrchestratorProblems.NotFound(name));
        }
    }

    private static bool MayRegister(TailscalePeer caller, RegistryOptions options) =>
        !caller.IsTagged || options.RegistrarTags.Count == 0 || caller.Tags.Any(options.RegistrarTags.Contains);

    /// <summary>Not by parameter binding: text that is no JSON is 400, JSON that is no cluster 422 with the field's name.</summary>
    private static async Task<(Cluster? Cluster, Problem? Problem)> ReadAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        if (!request.HasJsonContentType())
        {
            return (null, OrchestratorProblems.ForStatus(415));
        }

        JsonDocument document;
        try
        {
            document = await JsonDocument.ParseAsync(request.Body, cancellationToken: cancellationToken);
        }
        catch (JsonException exception)
        {
            return (null, OrchestratorProblems.NotJson(exception.Message));
        }

        using (document)
        {
            Cluster? cluster;
            try
            {
                cluster = document.Deserialize(ContractsJsonContext.Default.Cluster);
            }
            catch (JsonException exception)
            {
                return (null, OrchestratorProblems.Invalid([$"{exception.Path ?? "$"}: {exception.Message.Split(". Path:", 2)[0]}."]));
            }

            if (cluster?.Name is null || cluster.ApiEndpoint is null)
            {
                return (null, OrchestratorProblems.Invalid(["A cluster has at least a name and an api_endpoint."]));
            }

            var errors = ClusterValidation.Check(cluster);
            return errors.Count == 0 ? (cluster, null) : (null, OrchestratorProblems.Invalid(errors));
        }
    }
}
