using System.Buffers;
using System.Text;
using TKA.DevEnvironment.Cluster.Tables;

namespace TKA.DevEnvironment.Cluster.Watching;

/// <summary>Turns stored objects into what a client asked to see: the stored bytes as they are, or a table.</summary>
internal sealed class ObjectPresenter(ResourceDefinition definition, bool isTable, TablePrinter tables, string includeObject)
{
    private readonly byte[] _typePrefix = Encoding.UTF8.GetBytes($"{{\"kind\":\"{definition.Kind}\",\"apiVersion\":\"{definition.ApiVersion}\",");

    /// <summary>Whether answers are tables.</summary>
    public bool IsTable => isTable;

    /// <summary>JSON of one object, alone or in a watch event.</summary>
    /// <param name="stored">The object.</param>
    /// <param name="columns">For tables: whether to include column definitions (the first event of a watch has them).</param>
    public ReadOnlyMemory<byte> Present(StoredObject stored, bool columns = true) => isTable
        ? ObjectJson.Serialize(tables.Print(definition, [stored.Read()], includeObject, columns, ListMetadata(stored.ResourceVersion)))
        : stored.Json;

    /// <summary>Writes one object of a list of objects. The items of a list of a built-in kind do not say what they are: the list does.</summary>
    public void WriteItem(StoredObject stored, IBufferWriter<byte> body)
    {
        ReadOnlySpan<byte> json = stored.Json;
        if (!definition.IsCustom && json.StartsWith(_typePrefix))
        {
            body.Write("{"u8);
            json = json[_typePrefix.Length..];
        }

        body.Write(json);
    }

    /// <summary>A table of many objects.</summary>
    public JsonObject PresentTable(IEnumerable<StoredObject> objects, JsonObject listMetadata) =>
        tables.Print(definition, objects.Select(o => o.Read()), includeObject, columns: true, listMetadata);

    /// <summary>Metadata of a list.</summary>
    public static JsonObject ListMetadata(long revision) =>
        new() { ["resourceVersion"] = revision.ToString(System.Globalization.CultureInfo.InvariantCulture) };
}
