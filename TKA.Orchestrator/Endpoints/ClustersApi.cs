using System.Globalization;
using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;
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
    private const int LargestPage = 20_000;

    /// <summary>Maps them.</summary>
    public static void MapClustersApi(this IEndpointRouteBuilder routes)
    {
        var clusters = routes.MapGroup(ApiRoutes.Clusters).WithTags("Clusters")
            .ProducesTkaProblem(400).ProducesTkaProblem(403).ProducesTkaProblem(429).ProducesTkaProblem(503);
        clusters.MapGet("", List).RequireAuthorization(Policies.Read)
            .WithName("ListClusters").WithSummary("List clusters").WithDescription("Lists the clusters, those found on the tailnet included; with watch=true as server-sent events.")
            .Produces<ClusterList>().Produces(304);
        clusters.MapPost("", RegisterAsync).RequireAuthorization(Policies.Register)
            .WithName("RegisterCluster").WithSummary("Register a cluster").WithDescription("Asks to be looked at and registered, or renews the lease. Send it again with every heartbeat.")
            .Accepts<Cluster>("application/json")
            .Produces<Cluster>(201).Produces<Cluster>().ProducesTkaProblem(415).ProducesTkaProblem(422);
        clusters.MapGet("/{name}", Get).RequireAuthorization(Policies.Read)
            .WithName("GetCluster").WithSummary("Get one cluster")
            .Produces<Cluster>().Produces(304).ProducesTkaProblem(404);
        clusters.MapDelete("/{name}", DeleteAsync).RequireAuthorization(Policies.Register)
            .WithName("RemoveCluster").WithSummary("Remove a registration").WithDescription("Removes a registration. For admins, and for a node of the cluster that has stopped.")
            .Produces(204).ProducesTkaProblem(404).ProducesTkaProblem(409);
    }

    private static IResult List(
        HttpContext context, string? label_selector, string? watch, string? limit, string? @continue, ClusterRegistry registry, ClusterView view)
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

        var size = LargestPage;
        if (!string.IsNullOrEmpty(limit) && (!int.TryParse(limit, NumberStyles.None, CultureInfo.InvariantCulture, out size) || size < 1))
        {
            return new ProblemResult(OrchestratorProblems.Parameter("limit", limit, "Write a number of 1 or more."));
        }

        if (watch is not (null or "" or "false" or "0" or "true" or "1"))
        {
            return new ProblemResult(OrchestratorProblems.Parameter("watch", watch, "Write true or false."));
        }

        if (watch is "true" or "1")
        {
            return ClusterWatch.Start(context, view, cluster => selector.Matches(cluster.Labels));
        }

        var (items, next, etag) = view.List(cluster => selector.Matches(cluster.Labels), @continue, Math.Min(size, LargestPage));
        var degraded = registry.Problem is not null;
        return Conditional(context, degraded ? $"{etag[..^1]}-degraded\"" : etag, new ClusterList { Items = items, Continue = next, Degraded = degraded });
    }

    private static IResult Get(HttpContext context, string name, ClusterView view) =>
        !ClusterValidation.IsName(name) ? new ProblemResult(OrchestratorProblems.NoSuchPath)
        : view.Find(name) is { } found ? Conditional(context, found.ETag, found.Cluster)
        : new ProblemResult(OrchestratorProblems.NotFound(name));

    private static async Task<IResult> RegisterAsync(
        HttpContext context,
        Registrations registrations,
        ClusterRegistry registry,
        IOptions<RegistryOptions> options,
        ILogger<ClusterRegistry> logger,
        CancellationToken cancellationToken)
    {
        var caller = context.GetTailscalePeer();
        if (caller.IsTagged && !options.Value.IsClusterNode(caller.Tags))
        {
            return new ProblemResult(OrchestratorProblems.TagNotAllowed(caller.NodeName, options.Value.ClusterTag));
        }

        var (cluster, problem) = await ClusterBody.ReadAsync(context.Request, cancellationToken);
        if (cluster is null)
        {
            return new ProblemResult(problem!);
        }

        if (NodeOf(caller) is not { } node)
        {
            return new ProblemResult(OrchestratorProblems.NotACluster("The node has no name or address on the tailnet."));
        }

        RegistrationResult result;
        try
        {
            result = await registrations.RegisterAsync(node, caller.Principal, cluster, cancellationToken);
        }
        catch (ClusterProbeException exception)
        {
            Log.NoCluster(logger, node.Fqdn, exception.Message);
            return new ProblemResult(OrchestratorProblems.NotACluster(exception.Message));
        }

        var name = result.Record.Cluster.Name;
        switch (result.Outcome)
        {
            case RegistrationOutcome.NameTaken:
                Log.NotOwner(logger, caller.Principal, caller.NodeStableId, name, result.Record.RegisteredBy);
                return new ProblemResult(OrchestratorProblems.NameTaken(name, result.Record.RegisteredBy));
            case RegistrationOutcome.Created:
                Log.Registered(logger, name, caller.Principal, caller.NodeStableId);
                return TypedResults.Created($"{ApiRoutes.Clusters}/{name}", registry.Present(result.Record));
            default:
                return TypedResults.Ok(registry.Present(result.Record));
        }
    }

    private static async Task<IResult> DeleteAsync(
        string name, HttpContext context, Registrations registrations, ClusterRegistry registry, ILogger<ClusterRegistry> logger, CancellationToken cancellationToken)
    {
        if (!ClusterValidation.IsName(name))
        {
            return new ProblemResult(OrchestratorProblems.NoSuchPath);
        }

        var caller = context.GetTailscalePeer();
        if (registry.Find(name) is not { } record)
        {
            return new ProblemResult(OrchestratorProblems.NotFound(name));
        }

        if (!caller.IsTagged && caller.Rules.IsAdmin)
        {
            await registry.RemoveAsync(name, static _ => true, cancellationToken);
        }
        else if (!record.Nodes.ContainsKey(caller.NodeStableId) || NodeOf(caller) is not { } node)
        {
            return new ProblemResult(OrchestratorProblems.NameTaken(name, record.RegisteredBy));
        }
        else if (!await registrations.LeaveAsync(node, record, cancellationToken))
        {
            return new ProblemResult(OrchestratorProblems.StillServing(name));
        }

        Log.Removed(logger, name, caller.Principal, caller.NodeStableId);
        return TypedResults.NoContent();
    }

    private static ClusterNode? NodeOf(TailscalePeer caller) =>
        caller.NodeFqdn.TrimEnd('.') is { Length: > 0 } fqdn && caller.Addresses.Count > 0
            ? new ClusterNode(caller.NodeStableId, fqdn, caller.Addresses[0].ToString())
            : null;

    private static IResult Conditional<T>(HttpContext context, string etag, T value)
    {
        context.Response.Headers.ETag = etag;
        context.Response.Headers.CacheControl = "private, no-cache";
        var current = EntityTagHeaderValue.Parse(etag);
        return context.Request.GetTypedHeaders().IfNoneMatch.Any(tag => tag == EntityTagHeaderValue.Any || tag.Compare(current, useStrongComparison: false))
            ? TypedResults.StatusCode(StatusCodes.Status304NotModified)
            : TypedResults.Ok(value);
    }
}
