namespace TKA.DevEnvironment.Cluster.Validation;

/// <summary>What a structural schema must say of a list that is merged by key or as a set (<c>x-kubernetes-list-type</c>).</summary>
internal static class ListTypeRules
{
    private const string ListType = "x-kubernetes-list-type";
    private const string ListKeys = "x-kubernetes-list-map-keys";

    /// <summary>Validates the list type of a schema.</summary>
    public static void Validate(JsonObject schema, string path, FieldErrors errors)
    {
        var (type, keys) = (schema.Text(ListType), schema.Texts(ListKeys));
        if (type is not ("" or "atomic" or "set" or "map"))
        {
            errors.NotSupported($"{path}.{ListType}", type, ["atomic", "map", "set"]);
        }

        if (type is "" or "atomic" or "set" && keys.Count > 0)
        {
            errors.Forbidden($"{path}.{ListKeys}", "must not be set for list type other than map");
        }

        if (type.Length > 0 && schema.Text("type") != "array")
        {
            errors.Invalid($"{path}.type", schema.Text("type"), $"must be array if {ListType} is specified");
        }

        switch (type)
        {
            case "map":
                ValidateKeys(schema.Child("items"), keys, path, errors);
                break;
            case "set":
                ValidateItems(schema.Child("items"), path, errors);
                break;
        }
    }

    private static void ValidateKeys(JsonObject? item, IReadOnlyList<string> keys, string path, FieldErrors errors)
    {
        if (keys.Count == 0)
        {
            errors.Required($"{path}.{ListKeys}", $"must not be empty if {ListType} is map");
        }

        foreach (var key in keys)
        {
            if (item.Child("properties").Child(key) is not { } member)
            {
                errors.Invalid($"{path}.{ListKeys}", key, "entries must all be names of item properties");
            }
            else if (!item.Texts("required").Contains(key) && member["default"] is null)
            {
                errors.Required($"{path}.items.properties[{key}].default", $"this property is in {ListKeys}, so it must have a default or be a required property");
            }
        }
    }

    /// <summary>Items of a set are told apart as a whole.</summary>
    private static void ValidateItems(JsonObject? item, string path, FieldErrors errors)
    {
        var extension = item.Text("type") switch { "object" => "x-kubernetes-map-type", "array" => ListType, _ => "" };
        if (extension.Length > 0 && item.Text(extension) != "atomic")
        {
            errors.Invalid($"{path}.items.{extension}", item?[extension], $"must be atomic as item of a list with {ListType}=set");
        }
    }
}
