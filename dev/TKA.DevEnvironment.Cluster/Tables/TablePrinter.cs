using System.Globalization;

namespace TKA.DevEnvironment.Cluster.Tables;

/// <summary>Prints objects as <c>meta.k8s.io/v1 Table</c>, the form kubectl shows.</summary>
internal sealed class TablePrinter(TimeProvider time)
{
    /// <summary>One table.</summary>
    /// <param name="definition">Resource, for its columns.</param>
    /// <param name="objects">Objects; the table takes parts of them.</param>
    /// <param name="includeObject"><c>None</c>, <c>Metadata</c> (default) or <c>Object</c>.</param>
    /// <param name="columns">Whether to include column definitions.</param>
    /// <param name="listMetadata">Metadata of the table.</param>
    public JsonObject Print(
        ResourceDefinition definition, IEnumerable<JsonObject> objects, string includeObject, bool columns, JsonObject listMetadata)
    {
        var table = definition.Columns;
        var rows = new JsonArray();
        foreach (var obj in objects)
        {
            rows.Add((JsonNode)Row(table, obj, includeObject));
        }

        return new JsonObject
        {
            ["kind"] = "Table",
            ["apiVersion"] = "meta.k8s.io/v1",
            ["metadata"] = listMetadata,
            ["columnDefinitions"] = columns ? new JsonArray([.. table.Columns.Select(Heading)]) : [],
            ["rows"] = rows,
        };
    }

    private JsonObject Row(TableDefinition table, JsonObject obj, string includeObject)
    {
        var cells = new JsonArray();
        foreach (var column in table.Columns)
        {
            cells.Add(Cell(column, obj));
        }

        var row = new JsonObject { ["cells"] = cells };
        if (includeObject == "Object")
        {
            row["object"] = obj;
        }
        else if (includeObject != "None")
        {
            row["object"] = new JsonObject
            {
                ["kind"] = "PartialObjectMetadata",
                ["apiVersion"] = "meta.k8s.io/v1",
                ["metadata"] = obj["metadata"]?.DeepClone(),
            };
        }

        return row;
    }

    private JsonNode? Cell(TableColumn column, JsonObject obj)
    {
        var value = column.Cell(obj);
        if (column.Type != "date")
        {
            return value?.Parent is null ? value : value.DeepClone();
        }

        return value is JsonValue text && text.TryGetValue<string>(out var s) && Timestamps.Parse(s) is { } then
            ? Age.Format(time.GetUtcNow() - then)
            : "<unknown>";
    }

    private static JsonObject Heading(TableColumn column) => new()
    {
        ["name"] = column.Name,
        ["type"] = column.Type == "date" ? "string" : column.Type,
        ["format"] = column.Format,
        ["description"] = column.Description.Length > 0 ? column.Description : string.Create(CultureInfo.InvariantCulture, $"{column.Name}"),
        ["priority"] = column.Priority,
    };
}
