namespace TKA.DevEnvironment.Cluster.Patching;

/// <summary>Identity of an entry of <c>managedFields</c>.</summary>
internal readonly record struct FieldManager(string Name, string Operation, string ApiVersion, string Subresource);

/// <summary>The entries of <c>managedFields</c>: which manager owns which fields, and since when.</summary>
internal sealed class FieldManagers
{
    /// <summary>Operation of server-side apply.</summary>
    public const string ApplyOperation = "Apply";

    /// <summary>Operation of every other write.</summary>
    public const string UpdateOperation = "Update";

    private readonly Dictionary<FieldManager, (FieldSet Fields, string Time)> _entries = [];

    /// <summary>All managers.</summary>
    public IEnumerable<FieldManager> All => _entries.Keys;

    /// <summary>What a manager owns.</summary>
    public FieldSet this[FieldManager manager] => _entries.TryGetValue(manager, out var entry) ? entry.Fields : new FieldSet();

    /// <summary>Reads metadata's <c>managedFields</c>.</summary>
    public static FieldManagers Read(JsonObject? metadata)
    {
        var managers = new FieldManagers();
        foreach (var entry in metadata.Objects("managedFields"))
        {
            var fields = FieldSet.Read(entry.Child("fieldsV1"));
            if (!fields.IsEmpty)
            {
                managers._entries[new FieldManager(entry.Text("manager"), entry.Text("operation"), entry.Text("apiVersion"), entry.Text("subresource"))]
                    = (fields, entry.Text("time"));
            }
        }

        return managers;
    }

    /// <summary>Sets what a manager owns; its time moves when that changed.</summary>
    public void Set(FieldManager manager, FieldSet fields, string now)
    {
        if (fields.IsEmpty)
        {
            _entries.Remove(manager);
            return;
        }

        var time = _entries.TryGetValue(manager, out var entry) && entry.Fields.SameAs(fields) ? entry.Time : now;
        _entries[manager] = (fields, time);
    }

    /// <summary>Moves a manager's time although it owns the same.</summary>
    public void Touch(FieldManager manager, string now)
    {
        if (_entries.TryGetValue(manager, out var entry))
        {
            _entries[manager] = (entry.Fields, now);
        }
    }

    /// <summary>Removes fields from all managers but one.</summary>
    public void TakeFromOthers(FieldManager except, FieldSet fields)
    {
        if (fields.IsEmpty)
        {
            return;
        }

        foreach (var (manager, (owned, time)) in _entries.ToList())
        {
            if (manager == except)
            {
                continue;
            }

            var rest = owned.Except(fields);
            if (rest.IsEmpty)
            {
                _entries.Remove(manager);
            }
            else
            {
                _entries[manager] = (rest, time);
            }
        }
    }

    /// <summary>Everything that others own.</summary>
    public FieldSet OwnedByOthers(FieldManager except) =>
        _entries.Where(e => e.Key != except).Aggregate(new FieldSet(), (all, e) => all.Union(e.Value.Fields));

    /// <summary>Writes metadata's <c>managedFields</c>.</summary>
    public void Write(JsonObject metadata)
    {
        metadata.Remove("managedFields");
        if (_entries.Count == 0)
        {
            return;
        }

        var list = new JsonArray();
        foreach (var (manager, (fields, time)) in _entries
            .OrderBy(e => e.Key.Operation, StringComparer.Ordinal).ThenBy(e => e.Value.Time, StringComparer.Ordinal).ThenBy(e => e.Key.Name, StringComparer.Ordinal))
        {
            list.Add((JsonNode)new JsonObject
            {
                ["manager"] = manager.Name,
                ["operation"] = manager.Operation,
                ["apiVersion"] = manager.ApiVersion,
                ["time"] = time,
                ["fieldsType"] = "FieldsV1",
                ["fieldsV1"] = fields.Write(),
            }.With("subresource", manager.Subresource));
        }

        metadata["managedFields"] = list;
    }
}
