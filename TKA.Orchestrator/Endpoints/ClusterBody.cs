using System.Text.Json;
using TKA.Contracts;
using TKA.Contracts.Orchestrator;
using TKA.Contracts.Rest;
using TKA.Orchestrator.Problems;
using TKA.Orchestrator.Registry;

namespace TKA.Orchestrator.Endpoints;

/// <summary>Reads the body of a registration. Not by parameter binding: text that is no JSON is 400, JSON that is no cluster 422 with the field's name.</summary>
internal static class ClusterBody
{
    public static async Task<(Cluster? Cluster, Problem? Problem)> ReadAsync(HttpRequest request, CancellationToken cancellationToken)
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

            if (cluster is null)
            {
                return (null, OrchestratorProblems.Invalid(["A cluster has at least a name and an api_endpoint."]));
            }

            var errors = ClusterValidation.Check(cluster);
            return errors.Count == 0 ? (cluster, null) : (null, OrchestratorProblems.Invalid(errors));
        }
    }
}
