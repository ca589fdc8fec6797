using System.Collections.Frozen;
using System.Globalization;

namespace TKA.DevEnvironment.Cluster.Protobuf;

/// <summary>How often a field occurs.</summary>
internal enum FieldShape
{
    Single,
    List,
    Map,
}

/// <summary>A field of a message.</summary>
/// <param name="Name">JSON name; empty when the fields of the message belong to the outer object.</param>
/// <param name="Type">Scalar or message, of items or values for lists and maps.</param>
/// <param name="Shape">How often it occurs.</param>
/// <param name="KeepZero">Whether a zero value differs from absence.</param>
internal sealed record MessageField(string Name, string Type, FieldShape Shape, bool KeepZero);

/// <summary>Messages of the built-in types by name, read from <c>messages.txt</c>.</summary>
internal static class MessageTypes
{
    private static readonly Lazy<FrozenDictionary<string, FrozenDictionary<int, MessageField>>> Table = new(Read);

    private static readonly FrozenDictionary<string, string> Packages = new Dictionary<string, string>
    {
        ["v1"] = "core",
        ["apps/v1"] = "apps",
        ["batch/v1"] = "batch",
        ["rbac.authorization.k8s.io/v1"] = "rbac",
        ["authentication.k8s.io/v1"] = "authentication",
        ["authorization.k8s.io/v1"] = "authorization",
        ["networking.k8s.io/v1"] = "networking",
        ["policy/v1"] = "policy",
        ["coordination.k8s.io/v1"] = "coordination",
        ["discovery.k8s.io/v1"] = "discovery",
        ["admissionregistration.k8s.io/v1"] = "admissionregistration",
    }.ToFrozenDictionary();

    /// <summary>Name of the message of a kind, or null when it has none here.</summary>
    public static string? Find(string apiVersion, string kind)
    {
        // DeleteOptions come with the group and version of the resource that is deleted.
        var name = kind == "DeleteOptions" ? "meta.DeleteOptions" : Packages.TryGetValue(apiVersion, out var package) ? $"{package}.{kind}" : "";
        return Table.Value.ContainsKey(name) ? name : null;
    }

    /// <summary>Fields of a message by number, or null when the name is that of a scalar.</summary>
    public static FrozenDictionary<int, MessageField>? Fields(string name) => Table.Value.GetValueOrDefault(name);

    private static FrozenDictionary<string, FrozenDictionary<int, MessageField>> Read()
    {
        var messages = new Dictionary<string, Dictionary<int, MessageField>>();
        Dictionary<int, MessageField> current = [];
        foreach (var line in EmbeddedText.Read("protobuf.messages").Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            if (line.StartsWith('#'))
            {
                continue;
            }

            if (!line.StartsWith(' '))
            {
                messages[line] = current = [];
                continue;
            }

            var words = line.Trim().Split(' ');
            current[int.Parse(words[0], CultureInfo.InvariantCulture)] = Field(words[1], words[2]);
        }

        return messages.ToFrozenDictionary(message => message.Key, message => message.Value.ToFrozenDictionary());
    }

    private static MessageField Field(string name, string type)
    {
        var shape = type[..2] switch
        {
            "[]" => FieldShape.List,
            "{}" => FieldShape.Map,
            _ => FieldShape.Single,
        };
        return new(name.Trim('?', '<'), shape == FieldShape.Single ? type : type[2..], shape, name.EndsWith('?'));
    }
}
