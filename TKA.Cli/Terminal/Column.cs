namespace TKA.Cli.Terminal;

/// <summary>A column of a table.</summary>
/// <param name="Name">Heading.</param>
/// <param name="Importance">0: always shown; the higher the number, the earlier the column is left out on a narrow terminal.</param>
internal sealed record Column(string Name, int Importance = 0)
{
    /// <summary>A column that is always shown.</summary>
    public static implicit operator Column(string name) => new(name);
}
