using System.Text;
using TKA.DevEnvironment.Cluster.Tables;

namespace TKA.DevEnvironment.Cluster.Watching;

/// <summary>Turns stored objects into what a client asked to see: the stored bytes as they are, or a table.</summary>
internal sealed class ObjectPresenter(ResourceDefinition definition, ResponseShape shape, TablePrinter tables, string includeObject)
{
    private readonly byte[] _typePrefix = Encoding.UTF8.GetBytes($"{{\"kind\":\"{definition.Kind}\",\"apiVersion\":\"{definition.ApiVersion}\",");

    /// <summary>Shape of answers.</summary>
    public ResponseShape Shape => shape;

    /// <summary>JSON of one object, alone or in a watch event.</summary>
    /// <param name="stored">The object.</param>
    /// <param name="columns">For tables: whether to include column definitions (the first event of a watch has them).</param>
    public ReadOnlyMemory<byte> Present(StoredObject stored, bool columns = true)
    {
        return shape == ResponseShape.Object
            ? stored.Json
            : ObjectJson.Serialize(tables.Print(definition, [stored.Read()], includeObject, columns, ListMetadata(stored.ResourceVersion)));
    }

    /// <summary>JSON of one object in a list. The items of a list of a built-in kind do not say what they are: the list does.</summary>
    public ReadOnlyMemory<byte> PresentItem(StoredObject stored)
    {
        var json = Present(stored);
        return shape == ResponseShape.Object && !definition.IsCustom && json.Span.StartsWith(_typePrefix) ? json[(_typePrefix.Length - 1)..] : json;
    }

    /// <summary>Whether an item's first byte is to be replaced by an opening brace: the type was cut off in front of it.</summary>
    public static bool IsCut(ReadOnlySpan<byte> item) => item[0] == (byte)',';

    /// <summary>A table of many objects.</summary>
    public JsonObject PresentTable(IEnumerable<StoredObject> objects, JsonObject listMetadata) =>
        tables.Print(definition, objects.Select(o => o.Read()), includeObject, columns: true, listMetadata);

    /// <summary>Metadata of a list.</summary>
    public static JsonObject ListMetadata(long revision) =>
        new() { ["resourceVersion"] = revision.ToString(System.Globalization.CultureInfo.InvariantCulture) };
}
