namespace TKA.DevEnvironment.Cluster.Tables;

/// <summary>A column of a server-printed table.</summary>
/// <param name="Name">Heading.</param>
/// <param name="Type">OpenAPI type: <c>string</c>, <c>integer</c>, <c>date</c>, ...</param>
/// <param name="Cell">Reads the cell of an object.</param>
internal sealed record TableColumn(string Name, string Type, Func<JsonObject, JsonNode?> Cell)
{
    /// <summary>OpenAPI format; <c>name</c> marks the column that names the object.</summary>
    public string Format { get; init; } = "";

    /// <summary>What it shows.</summary>
    public string Description { get; init; } = "";

    /// <summary>0 is always shown, 1 and more only with <c>-o wide</c>.</summary>
    public int Priority { get; init; }
}

/// <summary>The columns of a resource.</summary>
internal sealed record TableDefinition(IReadOnlyList<TableColumn> Columns);
