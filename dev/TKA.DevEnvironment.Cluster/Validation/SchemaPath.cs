namespace TKA.DevEnvironment.Cluster.Validation;

/// <summary>Paths to fields of a schema, as definitions write them: <c>.spec.name</c>, <c>.spec.labels['a/b']</c>. Lists have no such paths.</summary>
internal static class SchemaPath
{
    /// <summary>The schema of the field that a path names; null when there is no such field.</summary>
    public static JsonObject? Find(JsonObject? schema, string path)
    {
        var rest = path.AsSpan();
        if (rest.IsEmpty)
        {
            return null;
        }

        while (!rest.IsEmpty && schema is not null)
        {
            string name;
            if (rest.StartsWith("['") && rest.IndexOf("']") is > 2 and var end)
            {
                name = rest[2..end].ToString();
                rest = rest[(end + 2)..];
            }
            else if (rest[0] == '.')
            {
                var length = rest[1..].IndexOfAny('.', '[') is >= 0 and var next ? next : rest.Length - 1;
                name = rest.Slice(1, length).ToString();
                rest = rest[(length + 1)..];
            }
            else
            {
                return null;
            }

            schema = schema.Child("properties").Child(name) ?? schema.Child("additionalProperties");
        }

        return schema;
    }
}
