namespace TKA.DevEnvironment.Cluster.OpenApi;

/// <summary>What differs between the two OpenAPI versions that are served.</summary>
/// <param name="ReferencePrefix">Before the name of a schema in <c>$ref</c>.</param>
/// <param name="IsV3">Whether parameters and bodies have the form of version 3.</param>
internal sealed record OpenApiDialect(string ReferencePrefix, bool IsV3)
{
    public static readonly OpenApiDialect V2 = new("#/definitions/", IsV3: false);
    public static readonly OpenApiDialect V3 = new("#/components/schemas/", IsV3: true);
}
