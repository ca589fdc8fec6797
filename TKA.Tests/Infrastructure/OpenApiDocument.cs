using System.Text.Json;
using System.Text.Json.Nodes;

namespace TKA.Tests.Infrastructure;

/// <summary>A server's <c>/openapi/v1.json</c>.</summary>
internal static class OpenApiDocument
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    /// <summary>Compares the document with the one that was approved, without the address that the test's server happened to have.</summary>
    public static void MatchApproved(JsonNode document, string name, string folder)
    {
        var copy = document.DeepClone().AsObject();
        copy.Remove("servers");
        ApprovedText.Match(copy.ToJsonString(Indented).ReplaceLineEndings("\n"), name, folder);
    }
}
