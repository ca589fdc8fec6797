using System.Text.Json.Nodes;

namespace TKA.DevEnvironment.Cluster.Validation;

/// <summary>The rules a CustomResourceDefinition's schema must keep ("Specifying a structural schema").</summary>
internal static class StructuralRules
{
    /// <summary>Validates a schema.</summary>
    public static void Validate(JsonObject schema, string path, FieldErrors errors)
    {
    }
}
