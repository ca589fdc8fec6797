namespace TKA.DevEnvironment.Cluster.Tables;

/// <summary>The columns nearly every table has.</summary>
internal static class DefaultColumns
{
    /// <summary>Object name.</summary>
    public static readonly TableColumn Name = new("Name", "string", obj => obj.Child("metadata").Text("name"))
    {
        Format = "name",
        Description = "Name must be unique within a namespace.",
    };

    /// <summary>Time since creation.</summary>
    public static readonly TableColumn Age = new("Age", "date", obj => obj.Child("metadata")?["creationTimestamp"])
    {
        Description = "Time since the object was created.",
    };

    /// <summary>For resources with no columns of their own.</summary>
    public static readonly TableDefinition NameAndAge = new([Name, Age]);
}
