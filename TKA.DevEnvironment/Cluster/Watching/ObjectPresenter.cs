using System.Text.Json.Nodes;
using TKA.DevEnvironment.Cluster.Http;
using TKA.DevEnvironment.Cluster.Registry;
using TKA.DevEnvironment.Cluster.Storage;
using TKA.DevEnvironment.Cluster.Tables;

namespace TKA.DevEnvironment.Cluster.Watching;

/// <summary>Turns stored objects into what a client asked to see: the stored bytes as they are, another version, a table, or only metadata.</summary>
internal sealed class ObjectPresenter(ResourceDefinition definition, ResponseFormat format, TablePrinter tables, string includeObject)
{
    /// <summary>Format of answers.</summary>
    public ResponseFormat Format => format;

    /// <summary>JSON of one object, alone or in a watch event.</summary>
    /// <param name="stored">The object.</param>
    /// <param name="columns">For tables: whether to include column definitions (the first event of a watch has them).</param>
    public ReadOnlyMemory<byte> Present(StoredObject stored, bool columns = true)
    {
        if (format.Shape == ResponseShape.Object && definition.Converter is null)
        {
            return stored.Json;
        }

        var obj = ObjectWriter.Served(definition, stored);
        return ObjectJson.Serialize(format.Shape switch
        {
            ResponseShape.Table => tables.Print(definition, [obj], includeObject, columns, ListMetadata(stored.ResourceVersion)),
            ResponseShape.Metadata => PartialMetadata(obj),
            _ => obj,
        });
    }

    /// <summary>A table of many objects.</summary>
    public JsonObject PresentTable(IEnumerable<StoredObject> objects, JsonObject listMetadata) =>
        tables.Print(definition, objects.Select(o => ObjectWriter.Served(definition, o)), includeObject, columns: true, listMetadata);

    /// <summary>Metadata of a list.</summary>
    public static JsonObject ListMetadata(long revision) =>
        new() { ["resourceVersion"] = revision.ToString(System.Globalization.CultureInfo.InvariantCulture) };

    private static JsonObject PartialMetadata(JsonObject obj) => new()
    {
        ["kind"] = "PartialObjectMetadata",
        ["apiVersion"] = "meta.k8s.io/v1",
        ["metadata"] = obj["metadata"]?.DeepClone(),
    };
}
