using System.Text.Json;

namespace TKA.DevEnvironment.Cluster.Tables;

/// <summary>Columns of custom resources (<c>additionalPrinterColumns</c>).</summary>
internal static class CustomColumns
{
    /// <summary>Reads the columns of one version; name and age when it has none.</summary>
    public static TableDefinition Read(JsonObject version)
    {
        var columns = version.Objects("additionalPrinterColumns").Select(Column).ToList();
        return columns.Count == 0 ? DefaultColumns.NameAndAge : new TableDefinition([DefaultColumns.Name, .. columns]);
    }

    private static TableColumn Column(JsonObject column)
    {
        var path = JsonPath.Parse(column.Text("jsonPath"));
        var type = column.Text("type");
        return new TableColumn(column.Text("name"), type, obj => Cell(path.Find(obj), type))
        {
            Format = column.Text("format"),
            Priority = (int)(column.Integer("priority") ?? 0),
            Description = column.Text("description") is { Length: > 0 } description
                ? description
                : "Custom resource definition column (in JSONPath format): " + column.Text("jsonPath"),
        };
    }

    /// <summary>A value of another type than the column's shows as nothing; structures in string columns show as JSON.</summary>
    private static JsonNode? Cell(JsonNode? value, string type) => (type, value) switch
    {
        (_, null) => null,
        ("string", JsonObject or JsonArray) => value.ToJsonString(),
        ("string" or "date", _) => value.GetValueKind() == JsonValueKind.String ? value.DeepClone() : value.ToJsonString(),
        ("integer", _) => value.AsInteger(),
        ("number", _) => value.GetValueKind() == JsonValueKind.Number ? value.DeepClone() : null,
        ("boolean", _) => value.GetValueKind() is JsonValueKind.True or JsonValueKind.False ? value.DeepClone() : null,
        _ => null,
    };
}
