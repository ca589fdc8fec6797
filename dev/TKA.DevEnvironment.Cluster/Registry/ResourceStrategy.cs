namespace TKA.DevEnvironment.Cluster.Registry;

/// <summary>
/// What makes one resource differ from another: which names and fields it takes, what the server fills in, what may change. The base
/// class is a plain stored object with optional <c>status</c>.
/// </summary>
internal class ResourceStrategy
{
    /// <summary>Whether <c>status</c> can only be written through its subresource.</summary>
    public bool HasStatus { get; init; }

    /// <summary>Whether <c>metadata.generation</c> counts changes of everything but metadata and status.</summary>
    public bool HasGeneration { get; init; }

    /// <summary>Whether PUT without resourceVersion overwrites; else it is refused.</summary>
    public bool AllowUnconditionalUpdate { get; init; } = true;

    /// <summary>Whether PUT creates an object that does not exist.</summary>
    public bool AllowCreateOnUpdate { get; init; }

    /// <summary>Whether DELETE answers with the object rather than a Status.</summary>
    public bool ReturnDeletedObject { get; init; }

    /// <summary>Fields beyond name and namespace that field selectors accept.</summary>
    public IReadOnlySet<string> SelectableFields { get; init; } = new HashSet<string>();

    /// <summary>What objects may hold; for merging and ownership too.</summary>
    public virtual Schema Schema => Schema.Anything;

    /// <summary>What is wrong with a name, or null.</summary>
    public virtual string? NameProblem(string name) => NameRules.Subdomain(name);

    /// <summary>Checks types and drops unknown fields of a decoded body.</summary>
    /// <exception cref="StatusException">400 when it cannot be an object of this kind, or has unknown fields and validation is strict.</exception>
    public virtual void Decode(JsonObject obj, FieldValidation validation, Action<string> warn)
    {
    }

    /// <summary>Fills in defaults; runs on create, update and patch.</summary>
    public virtual void Default(JsonObject obj)
    {
    }

    /// <summary>Sets what only the server may set on a new object.</summary>
    public virtual void PrepareForCreate(JsonObject obj)
    {
        if (HasStatus)
        {
            obj.Remove("status");
        }
    }

    /// <summary>Restores what this request may not change.</summary>
    public virtual void PrepareForUpdate(JsonObject obj, JsonObject old)
    {
        if (HasStatus)
        {
            Restore(obj, old, "status");
        }
    }

    /// <summary>Makes <paramref name="obj"/> the old object with the new status.</summary>
    public virtual void PrepareForStatusUpdate(JsonObject obj, JsonObject old)
    {
        foreach (var name in obj.Select(p => p.Key).Union(old.Select(p => p.Key)).ToList())
        {
            if (name is not ("status" or "metadata"))
            {
                Restore(obj, old, name);
            }
        }

        var resourceVersion = obj.Child("metadata")?["resourceVersion"]?.DeepClone();
        var managedFields = obj.Child("metadata")?["managedFields"]?.DeepClone();
        Restore(obj, old, "metadata");
        var metadata = obj.ChildOrNew("metadata");
        metadata["resourceVersion"] = resourceVersion;
        if (managedFields is not null)
        {
            metadata["managedFields"] = managedFields;
        }
    }

    /// <summary>Restores what the <c>finalize</c> subresource may not change.</summary>
    public virtual void PrepareForFinalize(JsonObject obj, JsonObject old)
    {
    }

    /// <summary>Validates a new or changed object; metadata is validated elsewhere.</summary>
    public virtual void Validate(JsonObject obj, FieldErrors errors)
    {
    }

    /// <summary>Validates what holds for new objects only.</summary>
    public virtual void ValidateCreate(JsonObject obj, FieldErrors errors)
    {
    }

    /// <summary>Validates a change.</summary>
    public virtual void ValidateUpdate(JsonObject obj, JsonObject old, FieldErrors errors)
    {
    }

    /// <summary>Called when deletion begins, before it is decided whether something holds the object back.</summary>
    public virtual void MarkDeleting(JsonObject obj, TimeProvider time)
    {
    }

    /// <summary>Whether something still has to happen before the object may go.</summary>
    public virtual bool HoldsBackDeletion(JsonObject obj) => obj.Child("metadata").Items("finalizers") is { Count: > 0 };

    /// <summary>Reads a selectable field; empty when absent.</summary>
    public virtual string ReadField(JsonObject obj, string path)
    {
        JsonNode? node = obj;
        foreach (var part in path.Split('.'))
        {
            node = (node as JsonObject)?[part];
        }

        return node switch
        {
            JsonValue value when value.TryGetValue<string>(out var text) => text,
            JsonValue value => value.ToJsonString(),
            _ => "",
        };
    }

    /// <summary>Sets a member to (a copy of) what the old object has, or removes it.</summary>
    protected static void Restore(JsonObject obj, JsonObject old, string name)
    {
        if (old[name] is { } value)
        {
            obj[name] = value.DeepClone();
        }
        else
        {
            obj.Remove(name);
        }
    }
}
