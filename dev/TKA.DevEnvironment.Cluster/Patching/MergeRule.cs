namespace TKA.DevEnvironment.Cluster.Patching;

/// <summary>How strategic merge treats a list: replaced as a whole, merged as a set of values, or merged by a key.</summary>
internal readonly record struct MergeRule(bool Merges, string Key)
{
    /// <summary>The list is replaced.</summary>
    public static MergeRule Replace => default;

    /// <summary>The list is a set of primitive values.</summary>
    public static MergeRule Set => new(true, "");

    /// <summary>Items with the same value of <paramref name="key"/> are the same.</summary>
    public static MergeRule By(string key) => new(true, key);
}
