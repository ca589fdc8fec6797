namespace TKA.DevEnvironment.Cluster.Patching;

/// <summary>Which fields an object has, in the granularity of its schema.</summary>
internal static class ObjectFields
{
    /// <summary>The server's own fields, which no manager owns.</summary>
    private static readonly string[] Unowned =
    [
        "f:name", "f:namespace", "f:uid", "f:resourceVersion", "f:creationTimestamp", "f:generation", "f:managedFields", "f:selfLink",
        "f:deletionTimestamp", "f:deletionGracePeriodSeconds",
    ];

    /// <summary>All fields that can be owned.</summary>
    public static FieldSet Of(JsonObject obj, Schema schema)
    {
        var set = new FieldSet();
        Add(set, obj, schema, wasThere: null);
        return WithoutUnowned(set);
    }

    /// <summary>All fields of a new object that its author owns: also the objects and lists that came into being with what is in them.</summary>
    public static FieldSet OfNew(JsonObject obj, Schema schema)
    {
        var set = new FieldSet();
        Add(set, obj, schema, wasThere: true);
        return WithoutUnowned(set);
    }

    /// <summary>Edge of a list item: by key in maps, by value in sets.</summary>
    public static string EdgeOf(JsonNode? item, Schema list)
    {
        if (list.ListKind == ListKind.Set)
        {
            return $"v:{item?.ToJsonString(ObjectJson.SerializerOptions) ?? "null"}";
        }

        var keys = new JsonObject();
        foreach (var key in list.ListKeys.Order(StringComparer.Ordinal))
        {
            var value = (item as JsonObject)?[key] ?? list.Items?.Member(key)?.Default ?? (key == "protocol" ? JsonValue.Create("TCP") : null);
            keys[key] = value?.DeepClone();
        }

        return $"k:{keys.ToJsonString(ObjectJson.SerializerOptions)}";
    }

    /// <summary>Whether a value is owned as a whole.</summary>
    public static bool IsAtomic(JsonNode? node, Schema schema) => node switch
    {
        JsonObject => schema.AtomicMap,
        JsonArray => schema.ListKind == ListKind.Atomic,
        _ => true,
    };

    /// <summary>Schema of a member; unknown members of open objects have members themselves.</summary>
    public static Schema MemberOf(Schema schema, string name) => schema.Member(name) ?? Schema.Anything;

    internal static FieldSet WithoutUnowned(FieldSet set)
    {
        set.Remove("f:apiVersion");
        set.Remove("f:kind");
        if (set.Children.TryGetValue("f:metadata", out var metadata))
        {
            foreach (var edge in Unowned)
            {
                metadata.Remove(edge);
            }

            metadata.Self = false;
            if (metadata.IsEmpty)
            {
                set.Remove("f:metadata");
            }
        }

        return set;
    }

    /// <summary>Adds what is owned of a value.</summary>
    /// <param name="set">Where to add it.</param>
    /// <param name="node">The value.</param>
    /// <param name="schema">Its granularity.</param>
    /// <param name="wasThere">
    /// Of a new value, whether an object or list was there before: if not, it is owned with what is in it. Null for a configuration, which
    /// owns an object or list only when it is empty.
    /// </param>
    internal static void Add(FieldSet set, JsonNode? node, Schema schema, bool? wasThere)
    {
        if (IsAtomic(node, schema))
        {
            set.Self = true;
            return;
        }

        set.Self |= wasThere is null ? node is JsonArray { Count: 0 } or JsonObject { Count: 0 } : !wasThere.Value;
        if (node is JsonArray array)
        {
            foreach (var item in array)
            {
                var below = set.Below(EdgeOf(item, schema));
                below.Self = true;
                if (schema.ListKind == ListKind.Map)
                {
                    Add(below, item, schema.Items ?? Schema.Anything, wasThere is null ? null : false);
                }
            }

            return;
        }

        foreach (var (name, value) in (JsonObject)node!)
        {
            var member = MemberOf(schema, name);
            var below = new FieldSet { Self = IsEntry(schema, name) };
            Add(below, value, member, wasThere is null ? null : wasThere.Value && (member.AlwaysThere || name == "metadata"));
            set.Put($"f:{name}", below);
        }
    }

    /// <summary>Whether a member is an entry of a map, which is owned like an item of a list.</summary>
    internal static bool IsEntry(Schema schema, string name) => !schema.Properties.ContainsKey(name) && schema.AdditionalProperties is not null;
}
